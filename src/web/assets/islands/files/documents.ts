import { find } from '../dom';
import type { Row } from './row';
import { endingOf, type Words } from './words';

interface Answer { pages: string; said: string }

/** Files that are to be signed: PDFs, of which the portal says whether they can be. */
export class Documents {
	private readonly box: HTMLInputElement | null;
	private readonly asked = new Map<string, Promise<Answer | undefined>>();

	constructor(form: HTMLFormElement, private readonly words: Words, private readonly shown: () => void) {
		this.box = find<HTMLInputElement>('#signing', form);
	}

	get isOn(): boolean {
		return this.box?.checked ?? false;
	}

	/** `changed`: they are documents now, or are so no longer. */
	listen(changed: () => void): void {
		this.box?.addEventListener('change', changed);
	}

	refusalOf(name: string, bytes: number): string {
		if (!this.isOn) return '';
		if (endingOf(name) !== 'pdf') return this.words.say('onlyPdf');
		return bytes > this.words.number('documentBytes') ? this.words.say('heavy') : '';
	}

	/** Looks at one that is uploaded; a page less is not noticed by anybody, so the number of pages is said. */
	async look(row: Row): Promise<void> {
		if (!this.isOn || row.isRefused || row.standing !== 'attached') return;
		const { id } = row;
		if (!this.asked.has(id)) this.asked.set(id, ask(id));
		const answer = await this.asked.get(id)!;
		if (!this.isOn || row.id !== id) return;
		if (answer === undefined) this.asked.delete(id); // it is looked at again when it is sent
		row.remark = answer?.pages ?? '';
		if (answer?.said) row.refuse(answer.said);
		this.shown();
	}
}

async function ask(id: string): Promise<Answer | undefined> {
	try {
		const response = await fetch('/compose/inspect', { method: 'POST', body: new URLSearchParams({ file: id }) });
		return response.ok ? await response.json() as Answer : undefined;
	} catch {
		return undefined;
	}
}
