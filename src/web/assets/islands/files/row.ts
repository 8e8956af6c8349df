import { find } from '../dom';
import type { Transfer } from './transfer';
import { type Words, kindOf } from './words';

/** attached: part of the message. moving: it will be. stuck: its owner has to do something first. */
export type Standing = 'attached' | 'moving' | 'stuck';

/** One file of the list, with what can be done about it. */
export class Row {
	transfer: Transfer | undefined;
	/** Chosen, and refused only as a document to sign. */
	held: File | undefined;
	/** Refused whatever it is for. */
	isLasting = false;
	/** Beside the size: how many pages it has. */
	remark = '';
	private refusal = '';

	constructor(readonly element: HTMLElement, private readonly words: Words) {}

	static make(template: HTMLTemplateElement, words: Words, name: string, bytes: number): Row {
		const element = find('.file', template.content)!.cloneNode(true) as HTMLElement;
		const row = new Row(element, words);
		element.dataset.bytes = String(bytes);
		find('.file-name bdi', element)!.textContent = name;
		find('.file-kind', element)!.textContent = kindOf(name);
		for (const button of row.buttons) button.setAttribute('aria-label', (button.getAttribute('aria-label') ?? '').replace('{name}', name));
		find('progress', element)!.setAttribute('aria-label', name);
		return row;
	}

	get name(): string {
		return find('.file-name bdi', this.element)?.textContent ?? '';
	}

	get bytes(): number {
		return Number(this.element.dataset.bytes);
	}

	/** Of its upload, or of the file that was attached before. */
	get id(): string {
		return this.transfer?.id ?? this.element.dataset.file ?? '';
	}

	get standing(): Standing {
		if (this.refusal) return 'stuck';
		if (this.transfer) return this.transfer.state === 'done' ? 'attached'
			: this.transfer.state === 'failed' || this.transfer.state === 'paused' ? 'stuck' : 'moving';
		return this.element.dataset.state === 'ready' ? 'attached' : 'stuck';
	}

	/** Why it cannot be signed; empty: it can. */
	get why(): string {
		return this.refusal;
	}

	/** What will not be part of the message whatever happens. */
	get isRefused(): boolean {
		return this.refusal !== '' || this.element.dataset.state === 'refused';
	}

	/** Not counted yet in what this page was told to be left. */
	get isNew(): boolean {
		const isRefused = this.transfer?.state === 'failed' && this.transfer.id === undefined;
		return this.transfer !== undefined && !isRefused && this.element.dataset.state !== 'unfinished';
	}

	get isUnfinished(): boolean {
		return !this.transfer && this.element.dataset.state === 'unfinished';
	}

	/** What has come of an unfinished one meanwhile; the page may be older than the end of its connection. */
	async look(): Promise<void> {
		const response = await fetch(`/files/${this.id}`, { method: 'HEAD', headers: { 'Tus-Resumable': '1.0.0' } }).catch(() => undefined);
		const done = response?.headers.get('Upload-Offset');
		if (!response?.ok || !done || !this.isUnfinished) return;
		find('.file-note', this.element)!.textContent = this.words.say('unfinished', { done: this.words.size(Number(done)), size: this.words.size(this.bytes) });
	}

	refuse(sentence: string): void {
		this.refusal = sentence;
		this.show();
	}

	private get buttons(): HTMLButtonElement[] {
		return [...this.element.querySelectorAll<HTMLButtonElement>('[data-act]')];
	}

	button(act: string): HTMLButtonElement | null {
		return find<HTMLButtonElement>(`[data-act=${act}]`, this.element);
	}

	show(): void {
		const state = this.transfer?.state;
		const isAttached = this.standing === 'attached';
		this.element.classList.toggle('is-unready', !isAttached);
		this.element.classList.toggle('is-trouble', this.refusal !== '' || state === 'failed' || this.isRefused);
		const note = find('.file-note', this.element)!;
		const sentence = this.refusal || this.note();
		if (sentence && note.textContent !== sentence) note.textContent = sentence;
		this.showProgress();
		this.showButtons({
			pause: state === 'waiting' || state === 'running' || state === 'broken',
			goOn: state === 'paused',
			again: state === 'failed',
			choose: this.isUnfinished,
		});
		this.showField();
	}

	private showProgress(): void {
		const progress = find<HTMLProgressElement>('progress', this.element)!;
		const { transfer } = this;
		progress.hidden = !transfer || transfer.state === 'done' || (transfer.state === 'failed' && transfer.sent === 0);
		if (!transfer) return;
		progress.max = Math.max(transfer.file.size, 1);
		progress.value = transfer.sent;
	}

	/** Keeps the focus where something can be done. */
	private showButtons(shown: Record<string, boolean>): void {
		const focused = document.activeElement;
		for (const [act, isShown] of Object.entries(shown)) this.button(act)!.hidden = !isShown;
		if (focused instanceof HTMLElement && focused.hidden && this.element.contains(focused)) this.buttons.find(button => !button.hidden)?.focus();
	}

	/** The draft names it from the moment the portal knows it: so it is there on another device too. */
	private showField(): void {
		const { id } = this;
		let field = find<HTMLInputElement>('input[name=file]', this.element);
		if (!id || this.isRefused) return field?.remove();
		if (!field) {
			field = document.createElement('input');
			field.type = 'hidden';
			field.name = 'file';
			this.element.prepend(field);
		}
		field.value = id;
	}

	private note(): string {
		const { words, transfer } = this;
		if (!transfer && this.element.dataset.state !== 'ready') return '';
		if (!transfer) return this.whole(words.size(this.bytes));
		const size = words.size(transfer.file.size);
		const done = words.size(transfer.sent);
		switch (transfer.state) {
			case 'waiting': return words.say('waiting', { size });
			case 'running': return this.pace(transfer, done, size);
			case 'paused': return words.say('paused', { done, size });
			case 'broken': return words.say('broken', { done, size });
			case 'failed': return transfer.problem.sentence ?? words.say(transfer.problem.word ?? 'failed', { size });
			case 'done': return this.whole(size);
		}
	}

	private whole(size: string): string {
		return this.remark ? `${size} · ${this.remark}` : size;
	}

	private pace(transfer: Transfer, done: string, size: string): string {
		const speed = transfer.speed.bytesPerSecond;
		if (transfer.isAllSent && transfer.file.size > 0) return this.words.say('settling', { size });
		if (speed === undefined) return this.words.say('progress', { done, size });
		const time = this.words.time((transfer.file.size - transfer.sent) / speed);
		return this.words.say('pace', { done, size, speed: this.words.size(speed), time });
	}
}
