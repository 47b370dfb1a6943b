/** A step over the corpus: the modules it imports, and what it returns. */
interface CorpusStep {
  readonly modules: string;
  readonly code: string;
}

const STEPS: Readonly<Record<string, CorpusStep>> = {
  chunks: {
    modules: 'Chunk HashMap HashSet Number SortedMap',
    code: `[
      Chunk.toReadonlyArray(Chunk.map(Chunk.range(1, 9), (x) => x * 2)),
      HashMap.toEntries(HashMap.set(HashMap.make(['a', 1]), 'b', 2)),
      HashSet.size(HashSet.union(HashSet.make(1, 2), HashSet.make(2, 3))),
      [...SortedMap.make(Number.Order)([2, 'b'], [1, 'a'])],
    ]`,
  },
  streams: {
    modules: 'Effect Stream',
    code: `Effect.runPromise(
      Stream.runCollect(Stream.take(Stream.mapEffect(Stream.range(1, 99), (x) => Effect.succeed(x + 1)), 5)),
    )`,
  },
  fibers: {
    modules: 'Duration Effect Fiber Queue Ref',
    code: `Effect.runPromise(Effect.gen(function* () {
      const queue = yield* Queue.bounded(2);
      const ref = yield* Ref.make(0);
      const fiber = yield* Effect.fork(Effect.forEach([1, 2, 3], (x) => Queue.offer(queue, x)));
      yield* Effect.sleep(Duration.millis(1));
      for (let i = 0; i < 3; i++) yield* Ref.update(ref, (x) => x + 1);
      yield* Queue.takeAll(queue);
      yield* Fiber.interrupt(fiber);
      return yield* Ref.get(ref);
    }))`,
  },
  retries: {
    modules: 'Cause Effect Exit Schedule',
    code: `Effect.runPromiseExit(
      Effect.retry(Effect.fail('no'), Schedule.intersect(Schedule.recurs(2), Schedule.spaced('1 millis'))),
    ).then((exit) => Exit.match(exit, { onFailure: (cause) => Cause.pretty(cause), onSuccess: () => '' }))`,
  },
  layers: {
    modules: 'Context Effect Layer',
    code: `Effect.runSync(
      Effect.provide(Effect.map(Context.GenericTag('a'), ({ x }) => x), Layer.succeed(Context.GenericTag('a'), { x: 3 })),
    )`,
  },
  decoders: {
    modules: 'Either Schema',
    code: `[
      Schema.encodeSync(Schema.Struct({ a: Schema.NumberFromString, d: Schema.Date }))({ a: 1, d: new Date(0) }),
      Either.mapLeft(Schema.decodeUnknownEither(Schema.Array(Schema.String.pipe(Schema.minLength(3))))(['a']), String),
    ]`,
  },
  printers: {
    modules: 'JSONSchema Pretty Schema',
    code: `[
      JSONSchema.make(Schema.Struct({ a: Schema.optional(Schema.Int) })),
      Pretty.make(Schema.Array(Schema.Number))([1, 2]),
    ]`,
  },
  dates: {
    modules: 'Cron DateTime Duration Either',
    code: `[
      DateTime.formatIso(DateTime.add(DateTime.unsafeMake(0), { days: 3 })),
      Duration.format(Duration.sum('1 minutes', '3 seconds')),
      Cron.next(Either.getOrThrow(Cron.parse('0 4 * * 1')), new Date(0)),
    ]`,
  },
  transactions: {
    modules: 'Effect STM TMap TRef',
    code: `Effect.runSync(STM.commit(STM.gen(function* () {
      const ref = yield* TRef.make(1);
      const map = yield* TMap.make(['a', 1]);
      yield* TRef.update(ref, (x) => x + 1);
      yield* TMap.set(map, 'b', 2);
      return (yield* TRef.get(ref)) + (yield* TMap.size(map));
    })))`,
  },
  configs: {
    modules: 'Config ConfigProvider Effect',
    code: `Effect.runSync(Effect.withConfigProvider(
      Config.all({ a: Config.integer('A'), b: Config.withDefault(Config.string('B'), 'x') }),
      ConfigProvider.fromMap(new Map([['A', '1']])),
    ))`,
  },
  micros: {
    modules: 'Micro',
    code: `Micro.runPromise(Micro.all([Micro.succeed(1), Micro.delay(Micro.sync(() => 2), 1)], { concurrency: 2 }))`,
  },
  requests: {
    modules: 'Cache Effect Request RequestResolver',
    code: `Effect.runPromise(Effect.gen(function* () {
      const lookup = (key) => Effect.succeed(key * 2);
      const cache = yield* Cache.make({ capacity: 2, timeToLive: '1 minute', lookup });
      yield* cache.get(1);
      class Get extends Request.TaggedClass('Get') {}
      const resolver = RequestResolver.makeBatched((all) => {
        return Effect.forEach(all, (each) => Request.succeed(each, each.id), { discard: true });
      });
      return yield* Effect.forEach([1, 2], (id) => Effect.request(new Get({ id }), resolver), { batching: true });
    }))`,
  },
};

/** Sources of steps that run many modules of the corpus, by name. */
export const BUSY_STEPS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(STEPS).map(([name, { modules, code }]) => {
    const imports = modules.split(' ').map((each) => `import * as ${each} from '../corpus/${each}.js';\n`);
    return [name, `${imports.join('')}export const ${name} = () => ${code};\n`];
  }),
);
