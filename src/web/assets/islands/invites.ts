import { find, findAll } from './dom';

interface Person { address: string; state: 'known' | 'pending' | 'new'; grade: 'guest' | 'professional'; by_rule: boolean }
interface Answer { people: Person[]; title: string; is_many: boolean }

/** The panel "2 people will be invited", kept in step with the addresses. Choices made stay. */
export class Invites {
	private newest = 0;
	private waiting: number | undefined;

	constructor(private readonly form: HTMLFormElement) {}

	/** Soon, and once for a burst of changes. */
	refresh(): void {
		clearTimeout(this.waiting);
		this.waiting = window.setTimeout(() => void this.ask(), 150);
	}

	private async ask(): Promise<void> {
		const turn = ++this.newest;
		const fields = new URLSearchParams();
		for (const name of ['to', 'cc', 'bcc'])
			fields.set(name, find<HTMLTextAreaElement>(`#${name}`, this.form)?.value ?? '');
		fields.set('reply_to', find<HTMLInputElement>('input[name=reply_to]', this.form)?.value ?? '');
		try {
			const response = await fetch('/compose/people', { method: 'POST', body: fields });
			if (!response.ok) return;
			const answer = await response.json() as Answer;
			if (turn === this.newest) this.show(answer);
		} catch {
			// Without the panel, sending shows it: nothing is lost.
		}
	}

	private show({ people, title, is_many }: Answer): void {
		const panel = find('#invites', this.form);
		const list = find('#invite-list', this.form);
		const heading = find('#invites-title', this.form);
		const button = find('#send', this.form);
		const many = find('#many', this.form);
		if (many) many.hidden = !is_many;
		if (!panel || !list || !heading || !button) return;
		const invited = people.filter(person => person.state === 'new');
		const chosen = this.chosen();
		list.replaceChildren(...invited.map(person => this.row(person, chosen.get(person.address))));
		panel.hidden = invited.length === 0;
		heading.textContent = invited.length > 0 ? title : '';
		button.textContent = (invited.length > 0 ? this.form.dataset.sendInvite : this.form.dataset.send) ?? '';
	}

	private chosen(): Map<string, string> {
		const choices = new Map<string, string>();
		for (const input of findAll<HTMLInputElement>('#invite-list input:checked', this.form))
			choices.set(input.name.slice('grade:'.length), input.value);
		return choices;
	}

	private row(person: Person, choice: string | undefined): Node {
		const template = find<HTMLTemplateElement>(person.by_rule ? '#invite-by-rule' : '#invite-choice', this.form);
		const copy = template?.content.firstElementChild?.cloneNode(true) as HTMLElement;
		for (const input of findAll<HTMLInputElement>('input', copy)) {
			input.name = `grade:${person.address}`;
			if (input.type === 'radio') input.checked = input.value === (choice ?? person.grade);
			else input.value = person.grade;
		}
		for (const place of findAll('[data-address]', copy)) place.textContent = person.address;
		for (const words of findAll('[data-grade]', copy)) words.hidden = words.dataset.grade !== person.grade;
		return copy;
	}
}
