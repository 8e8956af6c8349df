import { find, findAll, make } from '../dom';
import { Pad, decodePicture } from './pad';

export type Way = 'draw' | 'type' | 'saved';

/** One field of the form: what is in it, and how it looks on its page. */
export class Step {
	readonly kind: string;
	readonly isRequired: boolean;
	spot: HTMLElement | undefined;
	private readonly typed: HTMLInputElement | HTMLTextAreaElement | null;
	private readonly drawn: HTMLInputElement | null;
	private readonly pad: Pad | undefined;

	constructor(readonly element: HTMLElement, private readonly changed: (step: Step) => void) {
		this.kind = element.dataset.kind ?? '';
		this.isRequired = element.dataset.required === 'yes';
		this.typed = find(`[name^="fields."]`, element);
		this.drawn = find('[data-drawn]', element);
		const canvas = find<HTMLCanvasElement>('[data-pad]', element);
		if (canvas && this.drawn) this.pad = new Pad(canvas, this.drawn, () => this.change());
		find('[data-clear]', element)?.addEventListener('click', () => this.pad?.clear());
		element.addEventListener('input', event => {
			if ((event.target as HTMLInputElement).type === 'radio') this.choose(this.way);
			this.change();
		});
		if (this.isMark) this.offerWays();
	}

	get isMark(): boolean {
		return this.kind === 'signature' || this.kind === 'initials';
	}

	get way(): Way {
		return (find<HTMLInputElement>('[data-ways] input:checked', this.element)?.value ?? 'type') as Way;
	}

	get picture(): string {
		return this.drawn?.value ?? '';
	}

	get isFilled(): boolean {
		if (this.isMark && this.way === 'saved') return true;
		if (this.isMark && this.way === 'draw') return this.picture !== '';
		if (this.typed instanceof HTMLInputElement && this.typed.type === 'checkbox') return this.typed.checked;
		return this.typed?.value.trim() !== '';
	}

	/** Who comes back after a mistake, or has typed, finds the way they chose; the others begin with the quickest one. */
	private offerWays(): void {
		const ways = find('[data-ways]', this.element)!;
		ways.hidden = false;
		for (const way of findAll('[data-way-of]', ways)) way.hidden = false;
		const isFresh = this.way === 'type' && this.typed?.value === '';
		const saved = find('[data-way-of=saved] input', ways);
		this.choose(!isFresh ? this.way : saved ? 'saved' : 'draw');
	}

	choose(way: Way): void {
		const radio = find<HTMLInputElement>(`[data-way-of=${way}] input`, this.element);
		if (radio) radio.checked = true;
		for (const part of findAll('[data-way]', this.element)) part.hidden = part.dataset.way !== way;
		if (way === 'draw') this.pad?.lay();
	}

	/** A further place for the same mark. */
	takeFrom(other: Step): void {
		if (this.isFilled) return;
		if (other.way === 'draw') this.pad?.take(other.picture);
		if (other.way === 'type' && this.typed) this.typed.value = other.typed?.value ?? '';
		this.choose(other.way);
		this.change();
	}

	/** It has come to sight. */
	shown(): void {
		if (this.way === 'draw') this.pad?.lay();
	}

	/** What gets the focus: a line for typing, else the field as a whole, so that nothing pops up. */
	focus(): void {
		const isTyping = this.typed && (!this.isMark || this.way === 'type');
		(isTyping ? this.typed! : this.element).focus({ preventScroll: true });
	}

	showMissing(isMissing: boolean): void {
		const words = find('[data-missing]', this.element);
		if (words) words.hidden = !isMissing;
	}

	/** Only what was chosen is sent. */
	prepareToSend(): void {
		if (this.drawn) this.drawn.disabled = this.way !== 'draw';
	}

	fillSpot(placeholder: string): void {
		if (!this.spot) return;
		this.spot.classList.toggle('is-filled', this.isFilled);
		const face = find('.sign-face', this.spot)!;
		if (!this.isFilled) face.replaceChildren(placeholder);
		else if (this.isMark && this.way === 'draw') void this.paint(face);
		else if (this.isMark && this.way === 'saved') face.replaceChildren(this.savedFace());
		else face.replaceChildren(this.kind === 'check' ? '✓' : this.typed?.value ?? '');
		face.classList.toggle('script', this.isMark && this.isFilled && this.way !== 'draw');
	}

	private savedFace(): Node | string {
		const image = find<HTMLImageElement>('[data-way=saved] img', this.element);
		return image ? make('img', { src: image.src, alt: '' }) : find('[data-saved-text]', this.element)?.textContent ?? '';
	}

	private async paint(face: HTMLElement): Promise<void> {
		const picture = await decodePicture(this.picture);
		if (!picture) return;
		const canvas = make('canvas', { width: String(picture.width), height: String(picture.height) });
		canvas.getContext('2d')?.drawImage(picture, 0, 0);
		face.replaceChildren(canvas);
	}

	private change(): void {
		this.showMissing(false);
		this.changed(this);
	}
}
