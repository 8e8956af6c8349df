import { fill, find, findAll, make } from './dom';
import { addressOf, type PeopleField } from './people';

/**
 * Documents to sign, on the form of a message. What belongs to messages alone or to requests alone is shown and hidden by the style
 * sheet; here is what needs a script: the order of those who sign, and that hidden choices are not sent.
 */
export class Prepare {
	private readonly box: HTMLInputElement | null;
	private readonly order: HTMLElement | null;
	private readonly too: HTMLInputElement | null;

	constructor(private readonly form: HTMLFormElement, private readonly signers: PeopleField | undefined) {
		this.box = find<HTMLInputElement>('#signing', form);
		this.order = find('[data-order]', form);
		this.too = find<HTMLInputElement>('#signing_too', form);
	}

	start(): void {
		if (!this.box) return;
		find('[name=signing_too_was]', this.form)?.remove(); // from here on To says it
		this.box.addEventListener('change', () => {
			// Whoever signs too stands in To; of an ordinary message they do not.
			if (this.too?.checked) this.signers?.set(this.too.value, this.box!.checked);
			this.show();
		});
		this.too?.addEventListener('change', () => this.signers?.set(this.too!.value, this.too!.checked));
		for (const radio of findAll('input[name=signing_order]', this.form)) radio.addEventListener('change', () => this.show());
		this.order?.addEventListener('click', event => this.clicked(event));
		this.show();
	}

	/** Whenever those in To or the choices are others. */
	show(): void {
		if (!this.box) return;
		if (this.too && this.box.checked) this.too.checked = this.signers?.has(this.too.value) ?? false;
		for (const field of findAll<HTMLInputElement>('.options input', this.form)) field.disabled = this.box.checked && !find('.options .wrong', this.form);
		const people = this.signers?.chosen ?? [];
		const isSequence = find<HTMLInputElement>('#signing-sequence', this.form)?.checked ?? false;
		if (!this.order) return;
		this.order.hidden = !this.box.checked || !isSequence || people.length < 2;
		find('ol', this.order)?.replaceChildren(...people.map((person, at) => this.row(person, at, people.length)));
	}

	private row(person: string, at: number, count: number): HTMLLIElement {
		const { earlier, later } = this.order!.dataset;
		const row = make('li', { class: 'order-row' });
		const button = (to: number, sign: string, words: string | undefined) => {
			const one = make('button', { type: 'button', class: 'button-plain order-move', 'data-from': String(at), 'data-to': String(to), 'aria-label': fill(words, person) });
			one.append(make('span', { 'aria-hidden': 'true' }, sign));
			one.setAttribute('aria-disabled', String(to < 0 || to >= count));
			return one;
		};
		const isOwn = this.too !== null && addressOf(person).toLowerCase() === this.too.value.toLowerCase();
		const name = make('bdi', {}, isOwn ? fill(this.order!.dataset.you, person) : person);
		const what = make('span', { class: 'order-name' });
		what.append(name);
		row.append(make('span', { class: `who who-${at % 8}`, 'aria-hidden': 'true' }, String(at + 1)), what, button(at - 1, '↑', earlier), button(at + 1, '↓', later));
		return row;
	}

	private clicked(event: Event): void {
		const button = (event.target as Element).closest<HTMLElement>('[data-to]');
		if (!button || button.getAttribute('aria-disabled') === 'true' || !this.order) return;
		const [from, to] = [Number(button.dataset.from), Number(button.dataset.to)];
		const person = this.signers?.chosen[from] ?? '';
		this.signers?.move(from, to); // which shows it
		const again = findAll('.order-row', this.order)[to];
		(find(`[data-to="${to + (to - from)}"][aria-disabled=false]`, again) ?? find('[aria-disabled=false]', again))?.focus();
		const said = find('[role=status]', this.order);
		if (said) said.textContent = (this.order.dataset.moved ?? '').replace('{address}', person).replace('{number}', String(to + 1));
		this.form.dispatchEvent(new Event('change')); // the draft is another now
	}
}
