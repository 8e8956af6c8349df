import { find, findAll, make } from '../dom';
import { KINDS, type Field } from './field';
import type { Editor } from './editor';

/** Who signs what, before it is sent. */
export class Summary {
	constructor(private readonly dialog: HTMLDialogElement, private readonly editor: Editor) {}

	listen(): void {
		this.dialog.close(); // without a script it stands below the pages
		this.dialog.addEventListener('click', event => {
			if ((event.target as Element).closest('[data-summary-close]')) this.dialog.close();
		});
		// Mistakes that came back are seen first.
		if (find('#problems')) find('#problems')?.scrollIntoView();
	}

	open(): void {
		for (const row of findAll('[data-summary-of]', this.dialog)) this.showOf(row, row.dataset.summaryOf!);
		const gone = this.editor.plan.fields.filter(field => this.editor.signers.of(field.signer)?.isGone !== false);
		const warning = find('[data-summary-gone]', this.dialog);
		if (warning) warning.hidden = gone.length === 0;
		this.dialog.showModal();
		const title = find('h2', this.dialog);
		title?.setAttribute('tabindex', '-1');
		title?.focus(); // not the button that sends
		this.dialog.scrollTop = 0;
	}

	private showOf(row: HTMLElement, address: string): void {
		const own = this.editor.plan.fields.filter(field => field.signer === address);
		const hasSignature = own.some(field => field.kind === 'signature');
		const list = find('[data-summary-fields]', row)!;
		list.replaceChildren(...this.lines(own));
		list.hidden = own.length === 0;
		find('[data-summary-none]', row)!.hidden = own.length > 0;
		find('[data-summary-unsigned]', row)!.hidden = own.length === 0 || hasSignature;
	}

	/** "Signature: page 1, 3–5 · Date: page 3", for each document. */
	private lines(fields: Field[]): HTMLElement[] {
		const { words, sheets } = this.editor;
		return sheets.documents.flatMap(({ file, name }) => {
			const parts = KINDS.flatMap(kind => {
				const pages = fields.filter(field => field.file === file && field.kind === kind).map(field => field.page);
				return pages.length === 0 ? [] : [words.say('line', { kind: words.say(kind), count: pages.length > 1 ? ` × ${pages.length}` : '', pages: spans(pages) })];
			});
			if (parts.length === 0) return [];
			const item = make('li');
			if (sheets.documents.length > 1) item.append(make('bdi', { class: 'summary-document', title: name }, name));
			item.append(parts.join(' · '));
			return [item];
		});
	}
}

/** 1, 2, 3, 7 -> "1–3, 7" */
function spans(pages: number[]): string {
	const ordered = [...new Set(pages)].sort((a, b) => a - b);
	const parts: [number, number][] = [];
	for (const page of ordered) {
		const last = parts.at(-1);
		if (last && last[1] === page - 1) last[1] = page;
		else parts.push([page, page]);
	}
	return parts.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(', ');
}
