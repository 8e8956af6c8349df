import type { Words } from './words';

const GATHER_MS = 700;
const BY_NAME = 3;

/** What happens to files, in words: for those who do not see the list, and for everybody what has no row in it. */
export class Teller {
	private sentences: string[] = [];
	private names: string[] = [];
	private waiting: number | undefined;

	constructor(private readonly said: HTMLElement, private readonly mistake: HTMLElement, private readonly words: Words) {}

	/** Read aloud together with what happens at the same time: said one by one, each would cut off the one before. */
	say(sentence: string): void {
		this.sentences.push(sentence);
		this.waiting ??= window.setTimeout(() => this.sayAll(), GATHER_MS);
	}

	attached(name: string): void {
		this.names.push(name);
		this.waiting ??= window.setTimeout(() => this.sayAll(), GATHER_MS);
	}

	/** Seen as well, until files are chosen again. */
	show(sentence: string): void {
		this.mistake.textContent = sentence;
	}

	private sayAll(): void {
		const { words, names } = this;
		const attached = names.length > BY_NAME ? [words.say('attachedMany', { number: String(names.length) })] : names.map(name => words.say('attached', { name }));
		this.said.textContent = [...this.sentences, ...attached].join(' ');
		this.waiting = undefined;
		this.sentences = [];
		this.names = [];
	}
}
