import { SIZES, LEAST, resized, within, type Box, type Field, type Kind } from './field';
import { GuideLines, isGrip, makeGhost, placeIdOf } from './place';
import { Sheets, type Point, type Sheet } from './sheets';
import { snapMoved, snapResized } from './snap';

const STARTS_PX = 4; // a hand that trembles does not drag
const NEAR_PX = 6;
const EDGE_PX = 48; // from the upper and lower edge of the window, where it scrolls
const SCROLL_PX = 14;

/** What the editor lets a hand do. */
export interface Table {
	sheets: Sheets;
	fieldsOn(sheet: Sheet): readonly Field[];
	find(id: string): Field | undefined;
	elementOf(id: string): HTMLElement | undefined;
	kindName(kind: Kind): string;
	readonly armed: Kind | undefined;
	select(id: string | undefined): void;
	arm(kind: Kind | undefined): void;
	change(id: string, change: Partial<Field>): void;
	put(kind: Kind, sheet: Sheet, box: Box): void;
	show(): void;
	reveal(): void;
}

interface Drag {
	start: Point;
	hasBegun: boolean;
	move(at: Point, isFree: boolean): void;
	drop(at: Point): void;
	cancel(): void;
}

/** Everything that a mouse, a finger or a pen does. */
export class Hand {
	private drag: Drag | undefined;
	private last: Point = { x: 0, y: 0 };
	private readonly guides = new GuideLines();
	private scrolling: number | undefined;

	constructor(private readonly table: Table) {}

	listen(pages: HTMLElement, palette: HTMLElement): void {
		pages.addEventListener('pointerdown', event => this.pressedPage(event));
		palette.addEventListener('pointerdown', event => this.pressedPalette(event));
		addEventListener('pointermove', event => this.moved(event));
		addEventListener('pointerup', event => this.released(event));
		addEventListener('pointercancel', () => this.give(drag => drag.cancel()));
		addEventListener('keydown', event => {
			if (event.key !== 'Escape' || !this.drag?.hasBegun) return;
			event.stopImmediatePropagation();
			this.give(drag => drag.cancel());
		}, { capture: true });
		// A finger scrolls where it draws nothing: so what it taps is a click.
		pages.addEventListener('click', event => this.tapped(event));
	}

	private pressedPage(event: PointerEvent): void {
		if (event.button !== 0 || !event.isPrimary) return;
		const id = placeIdOf(event.target);
		const start = { x: event.clientX, y: event.clientY };
		const field = id === undefined ? undefined : this.table.find(id);
		const sheet = this.table.sheets.under(event.target);
		if (field && sheet) {
			this.table.select(field.id);
			this.table.elementOf(field.id)?.focus({ preventScroll: true });
			this.drag = isGrip(event.target) ? this.resizing(field, sheet, start) : this.moving(field, sheet, start);
			event.preventDefault();
		} else if (sheet && this.table.armed && event.pointerType !== 'touch') {
			this.drag = this.drawing(this.table.armed, sheet, start);
			event.preventDefault();
		}
	}

	private tapped(event: MouseEvent): void {
		const sheet = this.table.sheets.under(event.target);
		if (placeIdOf(event.target) !== undefined) return;
		const isTouch = (event as PointerEvent).pointerType === 'touch';
		if (sheet && this.table.armed && isTouch) this.putAround(this.table.armed, sheet, { x: event.clientX, y: event.clientY });
		else if (!this.table.armed && isTouch) this.table.select(undefined);
	}

	private pressedPalette(event: PointerEvent): void {
		const button = (event.target as Element).closest<HTMLElement>('[data-kind]');
		if (event.button !== 0 || !event.isPrimary || !button) return;
		// Else all goes to the button, and no page is found below a finger.
		button.releasePointerCapture?.(event.pointerId);
		this.drag = this.bringing(button.dataset.kind as Kind, { x: event.clientX, y: event.clientY });
	}

	private moved(event: PointerEvent): void {
		const { drag } = this;
		if (!drag || !event.isPrimary) return;
		this.last = { x: event.clientX, y: event.clientY };
		if (!drag.hasBegun && Math.hypot(this.last.x - drag.start.x, this.last.y - drag.start.y) < STARTS_PX) return;
		if (!drag.hasBegun) document.documentElement.classList.add('is-dragging');
		drag.hasBegun = true;
		drag.move(this.last, event.altKey);
		this.scrollSoon();
	}

	private released(event: PointerEvent): void {
		if (!event.isPrimary) return;
		const at = { x: event.clientX, y: event.clientY };
		if (this.drag?.hasBegun) {
			// The click that follows is none.
			addEventListener('click', swallow, { capture: true, once: true });
			setTimeout(() => removeEventListener('click', swallow, { capture: true }), 0);
		}
		this.give(drag => drag.drop(at));
	}

	private give(act: (drag: Drag) => void): void {
		const { drag } = this;
		this.drag = undefined;
		clearInterval(this.scrolling);
		this.scrolling = undefined;
		this.guides.hide();
		document.documentElement.classList.remove('is-dragging');
		if (!drag) return;
		act(drag);
		this.table.reveal();
	}

	/** Near an edge of the window it goes on while the hand rests. */
	private scrollSoon(): void {
		const isNear = () => this.last.y < EDGE_PX || this.last.y > innerHeight - EDGE_PX;
		if (!isNear() || this.scrolling !== undefined) return;
		this.scrolling = window.setInterval(() => {
			if (!this.drag || !isNear()) {
				clearInterval(this.scrolling);
				this.scrolling = undefined;
				return;
			}
			scrollBy(0, this.last.y < EDGE_PX ? -SCROLL_PX : SCROLL_PX);
			this.drag.move(this.last, false);
		}, 16);
	}

	private moving(field: Field, from: Sheet, start: Point): Drag {
		const { table } = this;
		const held = Sheets.pointOn(from, start);
		const grab = { x: held.x - field.x, y: held.y - field.y };
		let [sheet, box] = [from, field];
		return {
			start, hasBegun: false,
			move: (at, isFree) => {
				sheet = table.sheets.at(at) ?? sheet;
				const point = Sheets.pointOn(sheet, at);
				box = this.snapped({ ...field, x: point.x - grab.x, y: point.y - grab.y }, sheet, isFree);
				const element = table.elementOf(field.id);
				if (!element) return;
				if (element.parentElement !== sheet.element) sheet.element.append(element);
				Sheets.lay(element, box, sheet.page.shape);
			},
			drop: () => {
				if (box !== field) table.change(field.id, { x: box.x, y: box.y, width: box.width, height: box.height, file: sheet.file, page: sheet.number });
				table.elementOf(field.id)?.focus({ preventScroll: true });
			},
			cancel: () => table.show(),
		};
	}

	private resizing(field: Field, sheet: Sheet, start: Point): Drag {
		const { table } = this;
		let box = field;
		return {
			start, hasBegun: false,
			move: (at, isFree) => {
				const scale = Sheets.scale(sheet);
				const wanted = { ...field, width: field.width + (at.x - start.x) / scale, height: field.height + (at.y - start.y) / scale };
				const { box: snapped, guides } = isFree ? { box: wanted, guides: {} } : snapResized(wanted, this.others(sheet, field.id), NEAR_PX / scale);
				box = resized(field, snapped.width, snapped.height, LEAST[field.kind], sheet.page.shape);
				this.guides.show(sheet, guides);
				const element = table.elementOf(field.id);
				if (element) Sheets.lay(element, box, sheet.page.shape);
			},
			drop: () => { if (box !== field) table.change(field.id, { width: box.width, height: box.height }); },
			cancel: () => table.show(),
		};
	}

	/** With a tool in hand: a click puts it there, and pulling says how large it is. */
	private drawing(kind: Kind, sheet: Sheet, start: Point): Drag {
		const from = Sheets.pointOn(sheet, start);
		const ghost = makeGhost(this.table.kindName(kind));
		const boxTo = (at: Point): Box => {
			const to = Sheets.pointOn(sheet, at);
			const box = { x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), width: 0, height: 0 };
			return resized(within({ ...box, ...LEAST[kind] }, sheet.page.shape), Math.abs(to.x - from.x), Math.abs(to.y - from.y), LEAST[kind], sheet.page.shape);
		};
		const drag: Drag = {
			start, hasBegun: false,
			move: at => {
				sheet.element.append(ghost);
				Sheets.lay(ghost, boxTo(at), sheet.page.shape);
			},
			drop: at => {
				ghost.remove();
				if (drag.hasBegun) this.table.put(kind, sheet, boxTo(at));
				else this.putAround(kind, sheet, start);
			},
			cancel: () => ghost.remove(),
		};
		return drag;
	}

	/** Out of the palette onto a page. */
	private bringing(kind: Kind, start: Point): Drag {
		const ghost = makeGhost(this.table.kindName(kind));
		let found: { sheet: Sheet; box: Box } | undefined;
		const drag: Drag = {
			start, hasBegun: false,
			move: (at, isFree) => {
				const sheet = this.table.sheets.at(at);
				const isOverTools = document.elementFromPoint(at.x, at.y)?.closest('[data-tools]');
				found = sheet && !isOverTools ? { sheet, box: this.snapped(around(SIZES[kind], Sheets.pointOn(sheet, at)), sheet, isFree) } : undefined;
				ghost.classList.toggle('is-floating', !found);
				(found?.sheet.element ?? document.body).append(ghost);
				if (found) return Sheets.lay(ghost, found.box, found.sheet.page.shape);
				this.guides.hide();
				Object.assign(ghost.style, { left: `${at.x}px`, top: `${at.y}px`, width: '', height: '' });
			},
			drop: () => {
				ghost.remove();
				if (drag.hasBegun && found) this.table.put(kind, found.sheet, found.box);
			},
			cancel: () => ghost.remove(),
		};
		return drag;
	}

	private putAround(kind: Kind, sheet: Sheet, at: Point): void {
		this.table.put(kind, sheet, within(around(SIZES[kind], Sheets.pointOn(sheet, at)), sheet.page.shape));
	}

	private others(sheet: Sheet, id: string | undefined): Box[] {
		return this.table.fieldsOn(sheet).filter(field => field.id !== id);
	}

	/** In line with the others, and on the page. */
	private snapped<T extends Box & { id?: string }>(box: T, sheet: Sheet, isFree: boolean): T {
		const { shape } = sheet.page;
		if (isFree) {
			this.guides.hide();
			return within(box, shape);
		}
		const { box: snapped, guides } = snapMoved(box, this.others(sheet, box.id), shape, NEAR_PX / Sheets.scale(sheet));
		this.guides.show(sheet, guides);
		return within(snapped, shape);
	}
}

const around = ({ width, height }: { width: number; height: number }, { x, y }: Point): Box => ({ x: x - width / 2, y: y - height / 2, width, height });

function swallow(event: Event): void {
	event.preventDefault();
	event.stopPropagation();
}
