import { find } from '../dom';
import type { Row, Standing } from './row';
import type { Words } from './words';

/** A message goes when all its files are there: pressed before, its button waits for them. */
export class SendGate {
	isSending = false;
	private isWaiting = false;
	private pressed: HTMLElement | null = null; // the button that waits
	private rows: () => Row[] = () => [];
	private readonly send: HTMLButtonElement;
	private readonly later: HTMLButtonElement;
	private readonly said: HTMLElement;
	private readonly cancel: HTMLButtonElement;

	constructor(private readonly form: HTMLFormElement, private readonly words: Words) {
		this.send = find<HTMLButtonElement>('[data-send-now]', form)!;
		this.later = find<HTMLButtonElement>('[data-send-later]', form)!;
		this.said = find('[data-send-said]', form)!;
		this.cancel = find<HTMLButtonElement>('[data-send-cancel]', form)!;
	}

	start(rows: () => Row[]): void {
		this.rows = rows;
		// Before what else listens: a message that waits is not on its way yet.
		addEventListener('submit', event => this.submitted(event), { capture: true });
		addEventListener('pageshow', () => { this.isSending = false; });
		this.cancel.addEventListener('click', () => this.wait(false));
	}

	/** Whenever a file has come further. */
	look(): void {
		const standings = this.standings();
		const isStuck = standings.includes('stuck');
		this.show();
		if (!this.isWaiting && !isStuck) this.said.textContent = '';
		if (!this.isWaiting || standings.includes('moving')) return;
		this.wait(false);
		if (isStuck) this.tellOfStuck();
		else this.form.requestSubmit(this.pressed ?? this.send);
	}

	private standings(): Standing[] {
		return this.rows().map(row => row.standing);
	}

	private submitted(event: SubmitEvent): void {
		if (event.target !== this.form) return;
		const { name } = (event.submitter ?? {}) as HTMLButtonElement;
		if (name && name !== 'next') return; // saves
		this.pressed = name ? event.submitter : null;
		const standings = this.standings();
		this.isSending = standings.every(standing => standing === 'attached');
		if (this.isSending) return;
		event.preventDefault();
		event.stopImmediatePropagation();
		if (standings.includes('stuck')) this.tellOfStuck();
		else this.wait(true);
	}

	private wait(isWaiting: boolean): void {
		this.isWaiting = isWaiting;
		this.said.textContent = isWaiting ? this.words.say('sendWaits') : '';
		this.show();
	}

	/** One of the three, which has the focus if another had it. */
	private show(): void {
		const shown = this.isWaiting ? this.cancel : this.standings().includes('moving') ? this.later : this.send;
		if (!shown.hidden) return;
		const buttons = [this.send, this.later, this.cancel];
		const hadFocus = buttons.some(button => button === document.activeElement);
		for (const button of buttons) button.hidden = button !== shown;
		if (hadFocus) shown.focus();
	}

	private tellOfStuck(): void {
		const stuck = this.rows().find(row => row.standing === 'stuck');
		if (!stuck) return;
		const isDocument = find<HTMLInputElement>('#signing', this.form)?.checked ?? false;
		const what = isDocument && stuck.why ? 'documentRefused' : stuck.isRefused ? 'sendRefused' : 'sendStuck';
		this.said.textContent = this.words.say(what, { name: stuck.name, why: stuck.why });
		const act = ['goOn', 'again', 'choose', 'remove'].map(name => stuck.button(name)).find(button => button && !button.hidden);
		act?.focus();
	}
}
