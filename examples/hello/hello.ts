import { Flow, param, step, type View } from 'varve';

/** The smallest flow with a loop: one task a guest, all at once. */
export default class Hello extends Flow {
  names = param.string('Ada, Grace, Edsger', { help: 'whom to greet, with commas between' });

  guests!: string[];
  greeting!: string;
  letter!: string;

  @step()
  invite() {
    this.guests = this.names.split(',').map((name) => name.trim());
  }

  @step({ after: 'invite', foreach: 'guests' })
  greet(guest: string) {
    this.greeting = `Hello, ${guest}!`;
    console.log(this.greeting);
  }

  @step({ join: 'greet' })
  collect(tasks: readonly View<Hello>[]) {
    this.letter = tasks.map((task) => task.greeting).join('\n');
  }
}
