import { find, make } from '../dom';
import type { Editor } from './editor';

/** What can be said about the field that is chosen. */
export class Properties {
	private readonly title: HTMLElement;
	private readonly signer: HTMLSelectElement;
	private readonly required: HTMLInputElement;
	private readonly label: HTMLInputElement;
	private shown: string | undefined;

	constructor(private readonly place: HTMLElement, private readonly editor: Editor) {
		this.title = find('[data-title]', place)!;
		this.signer = find<HTMLSelectElement>('[data-field-signer]', place)!;
		this.required = find<HTMLInputElement>('[data-field-required]', place)!;
		this.label = find<HTMLInputElement>('[data-field-label]', place)!;
	}

	listen(): void {
		const { editor } = this;
		for (const { address, name, number, isGone } of editor.signers.all)
			if (!isGone) this.signer.append(make('option', { value: address }, `${number} · ${name}`));
		this.signer.addEventListener('change', () => this.change({ signer: this.signer.value }));
		this.required.addEventListener('change', () => this.change({ isRequired: this.required.checked }));
		this.label.addEventListener('input', () => this.change({ label: this.label.value }, 'label'));
		this.label.addEventListener('keydown', event => { if (event.key === 'Enter') event.preventDefault(); });
		this.place.addEventListener('click', event => {
			const act = (event.target as Element).closest<HTMLElement>('[data-field-act]')?.dataset.fieldAct;
			const { chosen } = editor;
			if (!chosen || !act) return;
			if (act === 'copy') void editor.copyToAll(chosen.id);
			else if (act === 'remove') editor.remove(chosen.id);
			else editor.leave(chosen.id);
		});
	}

	private change(change: Parameters<Editor['change']>[1], merge = ''): void {
		const { chosen } = this.editor;
		if (chosen) this.editor.change(chosen.id, change, merge);
	}

	show(): void {
		const { chosen, words, sheets, signers } = this.editor;
		this.place.hidden = !chosen;
		if (!chosen) { this.shown = undefined; return; }
		const hasLabel = chosen.kind === 'text' || chosen.kind === 'check';
		this.title.textContent = words.say('chosen', { kind: words.say(chosen.kind), page: String(chosen.page) });
		this.signer.value = signers.of(chosen.signer)?.isGone === false ? chosen.signer : '';
		this.required.checked = chosen.isRequired;
		find('[data-label-part]', this.place)!.hidden = !hasLabel;
		// What is being typed stays as it is.
		if (this.shown !== chosen.id || document.activeElement !== this.label) this.label.value = chosen.label;
		this.shown = chosen.id;
		const sheet = sheets.of(chosen.file, chosen.page);
		find('[data-field-act=copy]', this.place)!.hidden = !sheet || sheets.siblings(sheet).length < 2;
	}
}
