const say = (line) => process.stdout.write(`${line}\n`);
const until = 'Until then reads and writes are answered with 503.';
const sentences = {
  ended: `The database ended and is started again. ${until}`,
  crashed: `A process of the database crashed; it recovers. ${until}`,
  'full-disk': `The disk of the database is full. The database starts again as soon as there is space. ${until}`,
};

/** Reports outages of the embedded database, and lets the programs that need it wait for it. */
export class DatabaseOutages {
  /** Set once the programs are started. */
  children = null;
  #end;

  constructor(end) {
    this.#end = end;
  }

  lost(why) {
    this.children?.hold();
    say(sentences[why]);
  }

  back() {
    this.children?.release();
    say('The database is back.');
  }

  givenUp(error) {
    process.stderr.write(`Daybook stops: the database keeps ending. ${error.message}\n`);
    void this.#end(1);
  }
}
