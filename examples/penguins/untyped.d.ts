declare module 'ml-knn' {
  export default class KNN {
    constructor(features: readonly number[][], labels: readonly number[], options?: { readonly k?: number });
    predict(features: readonly number[][]): number[];
  }
}

declare module 'ml-cart' {
  export class DecisionTreeClassifier {
    train(features: readonly number[][], labels: readonly number[]): void;
    predict(features: readonly number[][]): number[];
  }
}
