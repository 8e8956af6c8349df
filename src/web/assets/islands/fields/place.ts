import { make } from '../dom';
import type { Words } from '../files/words';
import type { Field } from './field';
import type { Sheet } from './sheets';
import { Sheets } from './sheets';
import { lookOf, type Signer } from './signers';

/** A field as it is seen on its page: a button that can be dragged, with a corner that makes it larger. */
export class Place {
	readonly element: HTMLButtonElement;
	private readonly who = make('span', { class: 'place-who', 'aria-hidden': 'true' });
	private readonly what = make('span', { class: 'place-what', 'aria-hidden': 'true' });

	constructor(readonly id: string) {
		this.element = make('button', { type: 'button', class: 'place', 'data-place': id, 'aria-describedby': 'place-keys' });
		this.element.append(this.who, this.what, make('span', { class: 'place-grip', 'data-grip': '', 'aria-hidden': 'true' }));
	}

	show(field: Field, signer: Signer | undefined, words: Words, isSelected: boolean): void {
		const kind = words.say(field.kind);
		const name = signer?.name ?? field.signer;
		this.element.className = `place is-${field.kind} ${lookOf(signer)}${isSelected ? ' is-selected' : ''}${field.isRequired ? '' : ' is-optional'}`;
		this.who.dataset.number = signer && !signer.isGone ? String(signer.number) : '!'; // by the style sheet: it is in the name already
		this.what.textContent = field.kind === 'check' ? '' : field.label || kind;
		this.element.title = `${field.label || kind} · ${name}`;
		this.element.setAttribute('aria-label', words.say('placed', {
			kind: field.label ? `${kind} “${field.label}”` : kind, name, page: String(field.page), need: words.say(field.isRequired ? 'required' : 'optional'),
		}));
		if (isSelected) this.element.setAttribute('aria-current', 'true');
		else this.element.removeAttribute('aria-current');
	}

	/** On its page, as the page's other fields are ordered. */
	put(sheet: Sheet, field: Field, before: Element | null): void {
		const { element } = this;
		const hadFocus = document.activeElement === element;
		if (element.parentElement !== sheet.element || element.nextElementSibling !== before) sheet.element.insertBefore(element, before);
		if (hadFocus && document.activeElement !== element) element.focus({ preventScroll: true });
		Sheets.lay(element, field, sheet.page.shape);
	}
}

/** Whether the corner was meant. */
export const isGrip = (target: EventTarget | null): boolean => target instanceof Element && target.closest('[data-grip]') !== null;

export const placeIdOf = (target: EventTarget | null): string | undefined =>
	(target instanceof Element ? target.closest<HTMLElement>('[data-place]')?.dataset.place : undefined);

/** The lines to which a field snaps. */
export class GuideLines {
	private readonly down = make('span', { class: 'guide is-down', 'aria-hidden': 'true' });
	private readonly across = make('span', { class: 'guide is-across', 'aria-hidden': 'true' });

	show(sheet: Sheet, { x, y }: { x?: number; y?: number }): void {
		const { width, height } = sheet.page.shape;
		if (x === undefined) this.down.remove();
		else sheet.element.append(this.down);
		if (y === undefined) this.across.remove();
		else sheet.element.append(this.across);
		this.down.style.left = `${((x ?? 0) / width) * 100}%`;
		this.across.style.top = `${((y ?? 0) / height) * 100}%`;
	}

	hide(): void {
		this.down.remove();
		this.across.remove();
	}
}

/** Shown while something is dragged from the palette. */
export function makeGhost(kind: string): HTMLElement {
	const ghost = make('span', { class: 'place is-ghost', 'aria-hidden': 'true' });
	ghost.append(make('span', { class: 'place-what' }, kind));
	return ghost;
}
