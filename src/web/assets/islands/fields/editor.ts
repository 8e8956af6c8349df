import { find, findAll } from '../dom';
import { Words } from '../files/words';
import { inReadingOrder, isOver, newId, SIZES, within, type Box, type Field, type Kind } from './field';
import { Hand, type Table } from './hand';
import { Keys } from './keys';
import { Place, placeIdOf } from './place';
import { Plan } from './plan';
import { Properties } from './properties';
import { Sheets, type Sheet } from './sheets';
import { Signers, type Signer } from './signers';
import { Summary } from './summary';

const SAY_MS = 400;
const GAP_POINTS = 6;

/** Where the fields of documents to sign are placed. The form underneath is what is saved and sent. */
export class Editor implements Table {
	readonly words: Words;
	readonly signers: Signers;
	readonly sheets: Sheets;
	readonly plan: Plan;
	armed: Kind | undefined;
	private selected: string | undefined;
	private readonly places = new Map<string, Place>();
	private readonly properties: Properties;
	private readonly summary: Summary;
	private readonly pages: HTMLElement;
	private readonly palette: HTMLElement;
	private readonly said: HTMLElement;
	private saying: number | undefined;
	private isLeaving = false;

	constructor(form: HTMLFormElement, private readonly place: HTMLElement) {
		this.words = new Words(place.dataset);
		this.pages = find('[data-pages]', place)!;
		this.palette = find('[data-palette]', place)!;
		this.said = find('[data-said]', place)!;
		this.signers = new Signers(find('[data-signers]', place)!);
		this.sheets = new Sheets(this.pages, this.words);
		this.plan = new Plan(find<HTMLTextAreaElement>('textarea[name=signing_fields]', form)!, Number(place.dataset.most), () => this.show());
		this.properties = new Properties(find('[data-properties]', place)!, this);
		this.summary = new Summary(find<HTMLDialogElement>('[data-summary]', form)!, this);
	}

	async start(): Promise<void> {
		this.place.hidden = false;
		this.place.closest('.fields-page')?.classList.add('has-editor');
		new Hand(this).listen(this.pages, this.palette);
		new Keys(this).listen(this.place);
		this.properties.listen();
		this.summary.listen();
		this.palette.addEventListener('click', event => this.clickedPalette(event));
		this.place.addEventListener('click', event => this.clickedAct(event));
		this.pages.addEventListener('focusin', event => this.focused(event));
		find('[data-signers]', this.place)?.addEventListener('change', () => this.showTools());
		this.followPages();
		this.show();
		await this.sheets.open(() => this.show());
		await this.settle();
		this.place.dataset.ready = 'yes';
		this.showPage();
	}

	/* ---- fields ---- */

	find(id: string): Field | undefined { return this.plan.find(id); }
	elementOf(id: string): HTMLElement | undefined { return this.places.get(id)?.element; }
	kindName(kind: Kind): string { return this.words.say(kind); }
	fieldsOn({ file, number }: Sheet): readonly Field[] { return this.plan.fields.filter(field => field.file === file && field.page === number); }
	get chosen(): Field | undefined { return this.selected === undefined ? undefined : this.find(this.selected); }

	put(kind: Kind, sheet: Sheet, box: Box): void {
		const signer = this.signers.current;
		this.arm(undefined);
		if (!signer) return;
		const { x, y, width, height } = box;
		const field: Field = { id: newId(), kind, signer: signer.address, file: sheet.file, page: sheet.number, x, y, width, height, isRequired: kind !== 'check', label: '' };
		if (!this.plan.add([within(field, sheet.page.shape)])) return this.say(this.words.say('tooMany'));
		this.select(field.id);
		this.elementOf(field.id)?.focus({ preventScroll: true });
		this.reveal();
		this.say(this.words.say('put', { kind: this.kindName(kind), name: signer.name, page: String(sheet.number) }));
	}

	/** By keyboard: where one looks, below what is there already. */
	putHere(kind: Kind): void {
		const sheet = (this.chosen && document.activeElement === this.elementOf(this.chosen.id) ? this.sheets.of(this.chosen.file, this.chosen.page) : undefined) ?? this.sheets.current();
		if (!sheet) return;
		const { shape } = sheet.page;
		const size = SIZES[kind];
		const middle = Sheets.middleOf(sheet);
		let box = within({ x: middle.x - size.width / 2, y: middle.y - size.height / 2, ...size }, shape);
		const others = this.fieldsOn(sheet);
		for (let tries = 0; tries < others.length; tries++) {
			const below = others.find(other => isOver(box, other));
			if (!below || below.y + below.height + GAP_POINTS + size.height > shape.height) break;
			box = { ...box, y: below.y + below.height + GAP_POINTS };
		}
		this.put(kind, sheet, box);
	}

	/** On a phone what is asked about the chosen field stands over the pages, and must not hide it. */
	reveal(): void {
		this.elementOf(this.selected ?? '')?.scrollIntoView({ block: 'nearest' });
	}

	change(id: string, change: Partial<Field>, merge = ''): void {
		this.plan.update(id, change, merge);
	}

	remove(id: string): void {
		const field = this.find(id);
		if (!field) return;
		const ordered = [...this.plan.fields].filter(other => other.file === field.file).sort(inReadingOrder);
		const at = ordered.indexOf(field);
		const next = ordered[at + 1] ?? ordered[at - 1];
		this.plan.remove(other => other.id === id);
		this.select(next?.id);
		(next ? this.elementOf(next.id) : this.pages)?.focus();
		this.say(this.words.say('removed', { kind: this.kindName(field.kind) }));
	}

	/** The same place on all other pages of the document that have nothing like it there. */
	async copyToAll(id: string): Promise<void> {
		const field = this.find(id);
		const from = field && this.sheets.of(field.file, field.page);
		if (!field || !from) return;
		const targets = this.sheets.siblings(from).filter(sheet => sheet !== from && !this.fieldsOn(sheet).some(other =>
			other.kind === field.kind && other.signer === field.signer && isOver(other, field)));
		if (this.plan.fields.length + targets.length > this.plan.most) return this.say(this.words.say('tooMany'));
		await Promise.all(targets.map(sheet => sheet.page.measure()));
		this.plan.add(targets.map(sheet => ({ ...within(field, sheet.page.shape), id: newId(), page: sheet.number })));
		this.say(this.words.say('copied', { number: String(targets.length) }));
	}

	/** What a template has brought: no field is where its document has no page, or over the edge of a smaller one. */
	private async settle(): Promise<void> {
		const isLost = ({ file, page }: Field) => this.sheets.documents.some(one => one.file === file && page > one.count);
		const { fields } = this.plan;
		const settled = await Promise.all(fields.filter(field => !isLost(field)).map(async field => {
			const sheet = this.sheets.of(field.file, field.page);
			return sheet ? within(field, await sheet.page.measure()) : field;
		}));
		const isAsWas = settled.length === fields.length && settled.every((field, i) => field.x === fields[i]!.x && field.y === fields[i]!.y
			&& field.width === fields[i]!.width && field.height === fields[i]!.height);
		if (isAsWas || fields !== this.plan.fields) return; // or somebody is working already
		this.plan.replace(settled);
		const lost = fields.length - settled.length;
		const notice = find('[data-lost]', this.place);
		if (notice) notice.textContent = lost > 0 ? this.words.say('lost', { number: String(lost) }) : '';
	}

	/* ---- what is chosen ---- */

	select(id: string | undefined): void {
		if (id === this.selected) return;
		this.selected = id;
		if (id !== undefined) this.arm(undefined);
		this.plan.rest();
		this.show();
	}

	arm(kind: Kind | undefined): void {
		this.armed = kind;
		this.showTools();
		if (kind) this.say(this.whatNext());
	}

	private focused(event: Event): void {
		const id = placeIdOf(event.target);
		if (id !== undefined && !this.isLeaving) this.select(id);
	}

	/** Back from what can be said about a field: to the field, which is chosen no longer. */
	leave(id: string): void {
		this.isLeaving = true;
		this.select(undefined);
		this.elementOf(id)?.focus({ preventScroll: true });
		this.isLeaving = false;
	}

	private clickedPalette(event: MouseEvent): void {
		const kind = (event.target as Element).closest<HTMLElement>('[data-kind]')?.dataset.kind as Kind | undefined;
		if (!kind) return;
		// Enter and the space bar: there is no place to point at.
		if (event.detail === 0) return this.putHere(kind);
		this.select(undefined);
		this.arm(this.armed === kind ? undefined : kind);
	}

	private clickedAct(event: Event): void {
		const button = (event.target as Element).closest<HTMLElement>('[data-do]');
		switch (button?.getAttribute('aria-disabled') === 'true' ? undefined : button?.dataset.do) {
			case 'undo': this.plan.undo(); break;
			case 'redo': this.plan.redo(); break;
			case 'in': this.sheets.zoomBy(1); break;
			case 'out': this.sheets.zoomBy(-1); break;
			case 'check': this.summary.open(); break;
			default: return;
		}
		this.showTools();
	}

	/* ---- what is seen ---- */

	show(): void {
		if (this.selected !== undefined && !this.find(this.selected)) this.selected = undefined;
		const present = new Set(this.plan.fields.map(field => field.id));
		for (const [id, place] of this.places) {
			if (present.has(id)) continue;
			place.element.remove();
			this.places.delete(id);
		}
		// From the last to the first, so that each goes before one that stands already.
		let before: { sheet: Sheet; element: Element } | undefined;
		for (const field of [...this.plan.fields].sort((a, b) => inReadingOrder(b, a))) {
			const sheet = this.sheets.of(field.file, field.page);
			if (!sheet) continue;
			const place = this.placeOf(field.id, sheet);
			place.show(field, this.signers.of(field.signer), this.words, field.id === this.selected);
			place.put(sheet, field, before?.sheet === sheet ? before.element : null);
			before = { sheet, element: place.element };
		}
		this.properties.show();
		this.showTools();
	}

	private placeOf(id: string, sheet: Sheet): Place {
		let place = this.places.get(id);
		if (place) return place;
		place = new Place(id);
		this.places.set(id, place);
		// A page that was not drawn yet may have another shape than the first.
		void sheet.page.measure().then(() => {
			const field = this.find(id);
			if (field) Sheets.lay(place.element, field, sheet.page.shape);
		});
		return place;
	}

	/** What to do with what is in hand: fingers have no Esc. */
	private whatNext(): string {
		const isTouch = matchMedia('(pointer: coarse)').matches;
		if (this.armed) return this.words.say(isTouch ? 'armedTouch' : 'armed', { kind: this.kindName(this.armed) });
		return this.words.say(isTouch ? 'hintTouch' : 'hint', { name: this.signers.current?.name ?? '' });
	}

	private showTools(): void {
		const { plan, sheets } = this;
		for (const button of findAll('[data-kind]', this.palette)) button.setAttribute('aria-pressed', String(button.dataset.kind === this.armed));
		const can: Record<string, boolean> = { undo: plan.canUndo, redo: plan.canRedo, in: sheets.canZoomIn, out: sheets.canZoomOut };
		for (const [act, isPossible] of Object.entries(can)) find(`[data-do=${act}]`, this.place)?.setAttribute('aria-disabled', String(!isPossible));
		this.place.classList.toggle('is-armed', this.armed !== undefined);
		this.place.classList.toggle('has-chosen', this.chosen !== undefined);
		const hint = find('[data-hint]', this.place);
		if (hint) hint.textContent = this.whatNext();
		for (const counter of findAll('[data-count-of]', this.place)) {
			const count = plan.fields.filter(field => field.signer === counter.dataset.countOf).length;
			counter.textContent = count > 0 ? String(count) : '';
			counter.hidden = count === 0;
		}
	}

	signerAt(number: number): Signer | undefined {
		return this.signers.all.find(signer => signer.number === number && !signer.isGone);
	}

	/** Whatever is placed next is theirs, and this field. */
	chooseSigner(signer: Signer, field?: Field): void {
		this.signers.choose(signer);
		if (field && field.signer !== signer.address) this.change(field.id, { signer: signer.address });
		this.showTools();
		this.say(signer.name);
	}

	/** Once for what happens in a burst: else each would cut off the one before. */
	say(sentence: string): void {
		clearTimeout(this.saying);
		this.saying = window.setTimeout(() => { this.said.textContent = sentence; }, SAY_MS);
	}

	/* ---- pages ---- */

	private followPages(): void {
		const input = find<HTMLInputElement>('[data-page-number]', this.place);
		let waiting: number | undefined;
		addEventListener('scroll', () => { waiting ??= window.setTimeout(() => { waiting = undefined; this.showPage(); }, 100); }, { passive: true });
		input?.addEventListener('change', () => {
			const sheet = this.sheets.all[Math.min(this.sheets.all.length, Math.max(1, Number(input.value))) - 1];
			sheet?.element.scrollIntoView({ block: 'start' });
		});
		input?.addEventListener('keydown', event => {
			if (event.key !== 'Enter') return;
			event.preventDefault(); // sends nothing
			input.dispatchEvent(new Event('change'));
		});
	}

	/** All documents counted through, as they lie below each other. */
	private showPage(): void {
		const input = find<HTMLInputElement>('[data-page-number]', this.place);
		const total = find('[data-page-count]', this.place);
		const sheet = this.sheets.current();
		if (!input || !total || !sheet) return;
		if (document.activeElement !== input) input.value = String(sheet.at + 1);
		input.max = String(this.sheets.all.length);
		total.textContent = this.words.say('of', { number: String(this.sheets.all.length) });
	}
}
