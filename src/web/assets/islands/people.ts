import { fill, find, make } from './dom';

interface Suggestion { name: string; address: string }
interface Answer { people: Suggestion[]; groups: { name: string; members: string }[]; title: string }

const separators = /[,;\n]/;
// Which addresses are taken only the server knows; this finds those that surely are none.
const looksLikeAddress = /^[^\s@<>,;]+@[^\s@<>,;]+$/;

/** As the portal compares the names of groups. */
const folded = (name: string): string => name.trim().normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** "Anna <anna@example.com>" -> "anna@example.com" */
export const addressOf = (typed: string): string => (/<([^<>]+)>\s*$/.exec(typed)?.[1] ?? typed).trim();

/**
 * One field of addresses as chips and a combobox (WAI-ARIA 1.2, list autocomplete). The original textarea stays what is
 * sent; it is only out of sight.
 */
export class PeopleField {
	private readonly source: HTMLTextAreaElement;
	private readonly box = make('div', { class: 'chips', role: 'group' });
	private readonly list = make('ul', { class: 'chip-list' });
	private readonly input: HTMLInputElement;
	private readonly popup: HTMLUListElement;
	private readonly status = make('span', { class: 'unseen', role: 'status' });
	private people: string[] = [];
	private suggestions: Suggestion[] = [];
	private selected = -1;
	private turn = 0;
	/** Names that stand for several addresses; only where they may. */
	private readonly groups: Set<string>;
	private isStarted = false;
	private waiting: number | undefined;

	constructor(
		private readonly element: HTMLElement,
		private readonly words: DOMStringMap,
		private readonly changed: () => void,
	) {
		const name = element.dataset.people ?? '';
		this.groups = new Set((words.groups ?? '').split('\n').filter(Boolean).map(folded));
		this.source = find<HTMLTextAreaElement>('textarea', element)!;
		this.popup = make('ul', {
			class: 'suggestions', role: 'listbox', id: `${name}-suggestions`, 'aria-label': words.suggestions ?? '',
		});
		this.input = make('input', {
			type: 'text', inputmode: 'email', id: `${name}-input`, role: 'combobox', autocomplete: 'off', autocapitalize: 'none',
			spellcheck: 'false', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': this.popup.id,
		});
	}

	start(): void {
		const label = find<HTMLLabelElement>('label', this.element);
		if (label) label.htmlFor = this.input.id;
		const describedBy = this.source.getAttribute('aria-describedby');
		if (describedBy) this.input.setAttribute('aria-describedby', describedBy);
		if (this.source.getAttribute('aria-invalid')) this.input.setAttribute('aria-invalid', 'true');
		if (label) {
			label.id ||= `${this.input.id}-label`;
			this.box.setAttribute('aria-labelledby', label.id);
		}
		this.popup.hidden = true;
		this.source.hidden = true;
		this.source.required = false;
		this.list.setAttribute('aria-label', this.words.chips ?? '');
		this.box.append(this.list, this.input, this.popup);
		this.source.after(this.box, this.status);
		this.listen();
		this.add(this.source.value);
		this.isStarted = true;
	}

	private listen(): void {
		this.box.addEventListener('mousedown', event => {
			if (event.target !== this.box) return;
			event.preventDefault();
			this.input.focus();
		});
		this.input.addEventListener('input', () => this.typed());
		this.input.addEventListener('keydown', event => this.pressed(event));
		this.input.addEventListener('blur', () => { this.add(this.input.value); this.close(); });
		this.input.addEventListener('paste', event => {
			const text = event.clipboardData?.getData('text') ?? '';
			if (!separators.test(text)) return;
			event.preventDefault();
			this.add(text);
		});
		this.source.form?.addEventListener('submit', () => this.add(this.input.value), { capture: true });
		for (const link of document.querySelectorAll(`#problems a[href="#${this.source.id}"]`))
			link.addEventListener('click', event => { event.preventDefault(); this.input.focus(); });
	}

	/** All people in it, who then are in it no longer. */
	take(): string[] {
		this.add(this.input.value);
		const taken = this.people;
		this.people = [];
		this.show();
		return taken;
	}

	give(people: string[]): void {
		this.add(people.join(','));
	}

	get count(): number {
		return this.people.length;
	}

	get chosen(): readonly string[] {
		return this.people;
	}

	has(address: string): boolean {
		return this.people.some(person => addressOf(person).toLowerCase() === address.toLowerCase());
	}

	/** Takes somebody out, or puts them in last. */
	set(address: string, isIn: boolean): void {
		if (isIn === this.has(address)) return;
		if (isIn) return this.add(address);
		this.people = this.people.filter(person => addressOf(person).toLowerCase() !== address.toLowerCase());
		this.show();
	}

	/** One of them to another place in the order. */
	move(from: number, to: number): void {
		const [person] = this.people.splice(from, 1);
		if (person !== undefined) this.people.splice(to, 0, person);
		this.show();
	}

	/** Takes addresses out of a text; the same one only once. */
	private add(text: string): void {
		const found = text.split(separators).map(part => part.trim()).filter(Boolean);
		const known = new Set(this.people.map(person => addressOf(person).toLowerCase()));
		for (const person of found) {
			const key = addressOf(person).toLowerCase();
			if (!known.has(key)) this.people.push(person);
			known.add(key);
		}
		this.input.value = '';
		if (found.length === 0) return;
		this.show();
		this.list.scrollTop = this.list.scrollHeight;
	}

	private remove(index: number): void {
		this.people.splice(index, 1);
		this.show();
		this.input.focus();
	}

	private show(): void {
		this.forgive();
		this.list.replaceChildren(...this.people.map((person, index) => this.chip(person, index)));
		this.source.value = this.people.join(', ');
		this.changed();
	}

	/** What was wrong was about the addresses before. */
	private forgive(): void {
		if (!this.isStarted) return;
		find('.wrong', this.element)?.remove();
		this.input.removeAttribute('aria-invalid');
	}

	private chip(person: string, index: number): HTMLLIElement {
		const address = addressOf(person);
		const isWrong = !looksLikeAddress.test(address) && !this.groups.has(folded(person));
		const chip = make('li', { class: isWrong ? 'chip is-wrong' : 'chip' });
		if (isWrong) this.status.textContent = fill(this.words.invalid, person);
		const remove = make('button', { type: 'button', 'aria-label': fill(this.words.remove, person) }, '×');
		remove.addEventListener('click', () => this.remove(index));
		chip.append(make('span', { title: address }, person), remove);
		return chip;
	}

	private typed(): void {
		if (separators.test(this.input.value)) this.add(this.input.value);
		clearTimeout(this.waiting);
		this.waiting = window.setTimeout(() => void this.suggest(), 120);
	}

	private async suggest(): Promise<void> {
		const turn = ++this.turn;
		const typed = this.input.value.trim();
		if (typed.length < 2) return this.close();
		try {
			const response = await fetch(`/people/suggest?q=${encodeURIComponent(typed)}`);
			if (!response.ok || turn !== this.turn) return;
			const answer = await response.json() as Answer;
			if (turn !== this.turn || document.activeElement !== this.input) return;
			// A group is put in by its name.
			const groups = this.words.groups === undefined ? [] : answer.groups.map(({ name, members }) =>
				({ name: `${name} (${members})`, address: name }));
			this.open([...groups, ...answer.people]);
			this.status.textContent = this.suggestions.length > 0 ? answer.title : '';
		} catch {
			this.close();
		}
	}

	private open(people: Suggestion[]): void {
		const taken = new Set(this.people.map(person => addressOf(person).toLowerCase()));
		this.suggestions = people.filter(person => !taken.has(person.address.toLowerCase()));
		this.popup.replaceChildren(...this.suggestions.map((person, index) => this.option(person, index)));
		this.popup.hidden = this.suggestions.length === 0;
		this.input.setAttribute('aria-expanded', String(!this.popup.hidden));
		// Enter or Tab takes the first one, unless an address is being typed out.
		this.select(this.popup.hidden || this.input.value.includes('@') ? -1 : 0);
	}

	private option(person: Suggestion, index: number): HTMLLIElement {
		const option = make('li', { class: 'suggestion', role: 'option', id: `${this.popup.id}-${index}` });
		option.append(make('span', {}, person.name || person.address));
		if (this.groups.has(folded(person.address))) option.append(make('small', {}, this.words.group ?? ''));
		else if (person.name && person.name !== person.address) option.append(make('small', {}, person.address));
		option.addEventListener('mousedown', event => { event.preventDefault(); this.choose(index); });
		return option;
	}

	private select(index: number): void {
		this.selected = index;
		[...this.popup.children].forEach((option, i) => option.setAttribute('aria-selected', String(i === index)));
		if (index < 0) this.input.removeAttribute('aria-activedescendant');
		else this.input.setAttribute('aria-activedescendant', `${this.popup.id}-${index}`);
	}

	private choose(index: number): void {
		const person = this.suggestions[index];
		if (person) this.add(person.address);
		this.close();
	}

	private close(): void {
		this.turn++;
		clearTimeout(this.waiting);
		this.suggestions = [];
		this.popup.hidden = true;
		this.input.setAttribute('aria-expanded', 'false');
		this.select(-1);
	}

	private pressed(event: KeyboardEvent): void {
		const count = this.suggestions.length;
		if (event.isComposing) return;
		if (event.key === 'ArrowDown' && count > 0) this.select((this.selected + 1) % count);
		else if (event.key === 'ArrowUp' && count > 0) this.select(this.selected <= 0 ? count - 1 : this.selected - 1);
		else if (event.key === 'Escape' && count > 0) this.close();
		else if (event.key === 'Enter' && this.selected >= 0) this.choose(this.selected);
		else if (event.key === 'Tab' && !event.shiftKey && this.selected >= 0) return this.choose(this.selected);
		else if (event.key === 'Enter' && this.input.value.trim()) this.add(this.input.value);
		else if (event.key === 'Enter') { /* an empty line must not send the message */ }
		else if (event.key === 'Backspace' && !this.input.value && this.people.length > 0) this.remove(this.people.length - 1);
		else return;
		event.preventDefault();
	}
}
