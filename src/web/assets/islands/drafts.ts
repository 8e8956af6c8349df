import { find, findAll } from './dom';

interface Answer { draft: string; version: number; said: string }

const LOOK_MS = 250;
const PAUSE_MS = 2000;
const GAP_MS = 5000;
const LEAVING_MAX_BYTES = 60_000; // browsers let 64 KiB go out while a page is left

/** Saves what is being written: when the keys rest, while they do not every few seconds, and on leaving. */
export function keepDrafts(): void {
	const form = find<HTMLFormElement>('form[data-save]');
	const status = form && find('#draft-state', form);
	if (form && status) new Draft(form, status).start();
}

class Draft {
	private saved = '';
	private isStopped = false; // somebody else has changed it: the writer decides
	private isFailing = false;
	private isSending = false;
	private refused: string | undefined; // as it is, the portal does not save it
	private running: Promise<void> | undefined;
	private looking: number | undefined;
	private waiting: number | undefined;
	private lastSave = 0;
	private changedSince = 0;

	constructor(private readonly form: HTMLFormElement, private readonly status: HTMLElement) {}

	start(): void {
		this.saved = this.text();
		for (const name of ['input', 'change', 'click', 'focusout', 'keyup'])
			this.form.addEventListener(name, () => this.lookSoon());
		this.form.addEventListener('submit', event => this.submitted(event), { capture: true });
		for (const other of findAll<HTMLFormElement>('form'))
			if (other !== this.form) other.addEventListener('submit', event => this.leftBy(other, event));
		addEventListener('beforeunload', () => this.leave());
		addEventListener('pagehide', () => this.leave());
		addEventListener('pageshow', () => { this.isSending = false; this.look(); });
		document.addEventListener('visibilitychange', () => { if (document.hidden) this.leave(); });
		this.look();
	}

	/** What the form would send, without where it is kept. */
	private fields(): URLSearchParams {
		const fields = new URLSearchParams();
		for (const [name, value] of new FormData(this.form)) if (typeof value === 'string') fields.append(name, value);
		// An address that is still being typed stands in no list yet.
		for (const name of ['to', 'cc', 'bcc']) {
			const typed = find<HTMLInputElement>(`#${name}-input`, this.form)?.value.trim();
			if (typed) fields.set(name, [fields.get(name), typed].filter(Boolean).join(', '));
		}
		return fields;
	}

	private text(): string {
		const fields = this.fields();
		for (const name of ['draft', 'version', 'key']) fields.delete(name);
		return fields.toString();
	}

	private input(name: string): HTMLInputElement {
		return find<HTMLInputElement>(`input[name=${name}]`, this.form)!;
	}

	private isChanged(): boolean {
		return this.text() !== this.saved;
	}

	/** Whether leaving now loses nothing: so that nobody is asked. */
	private note(): void {
		const isSafe = !this.isChanged()
			|| (!this.isStopped && !this.isFailing && this.fields().toString().length < LEAVING_MAX_BYTES);
		this.form.dataset.kept = isSafe ? 'yes' : 'no';
	}

	/** Once for a burst of keys: comparing a long text takes a moment. */
	private lookSoon(): void {
		this.looking ??= window.setTimeout(() => { this.looking = undefined; this.look(); }, LOOK_MS);
	}

	private look(): void {
		clearTimeout(this.waiting);
		if (!this.isChanged()) { this.changedSince = 0; return; }
		if (this.isStopped || this.isSending || this.text() === this.refused) return;
		const now = Date.now();
		this.changedSince ||= now;
		const due = Math.max(Math.min(now + PAUSE_MS, this.changedSince + GAP_MS), this.lastSave + GAP_MS);
		this.waiting = window.setTimeout(() => void this.save(), due - now);
	}

	/** One at a time. */
	private async save(): Promise<void> {
		await this.running;
		if (!this.isChanged()) return;
		this.running = this.ask();
		await this.running;
		this.running = undefined;
		this.look();
	}

	private async ask(): Promise<void> {
		const text = this.text();
		this.lastSave = Date.now();
		this.changedSince = 0;
		try {
			const response = await fetch(this.form.dataset.save!, { method: 'POST', body: this.fields(), redirect: 'manual' });
			const isAnswer = response.headers.get('Content-Type') === 'application/json';
			if (!isAnswer) return this.fail(response.type === 'opaqueredirect'); // leads to signing in
			const answer = await response.json() as Answer;
			this.input('draft').value = answer.draft;
			this.input('version').value = String(answer.version);
			if (response.ok) this.succeed(text, answer);
			else this.stop(response.status, text, answer);
		} catch {
			this.fail();
		}
	}

	private succeed(text: string, { draft, said }: Answer): void {
		this.saved = text;
		this.isFailing = this.isStopped = false;
		this.say(said, false);
		// So that reloading brings it back.
		if (this.form.id === 'compose') history.replaceState(history.state, '', `/compose?draft=${draft}`);
	}

	private fail(isSignedOut = false): void {
		this.isFailing = true;
		this.say((isSignedOut ? this.form.dataset.signedOut : this.form.dataset.unsaved) ?? '', true);
	}

	/** 409: changed elsewhere; 404: sent or deleted elsewhere; 422: it cannot be saved like this. */
	private stop(status: number, text: string, { draft, said }: Answer): void {
		this.isFailing = true;
		this.isStopped = status !== 422;
		this.refused = status === 422 ? text : undefined;
		this.say(said, true);
		if (status !== 409) return;
		const link = document.createElement('a');
		link.href = `/compose?draft=${draft}`;
		link.textContent = this.form.dataset.openOther ?? '';
		this.status.append(' ', link);
	}

	private say(sentence: string, isTrouble: boolean): void {
		this.status.textContent = sentence;
		this.status.classList.toggle('is-trouble', isTrouble);
	}

	/** The button saves at once, even over what another window has saved, as its sentence says. */
	private submitted(event: SubmitEvent): void {
		clearTimeout(this.waiting);
		if ((event.submitter as HTMLButtonElement | null)?.name === 'save') {
			event.preventDefault();
			event.stopImmediatePropagation();
			this.isStopped = false;
			this.saved = '';
			void this.save();
			return;
		}
		this.isSending = true;
		if (!this.running) return;
		// What is on its way has to arrive before the message does.
		event.preventDefault();
		event.stopImmediatePropagation();
		void this.running.then(() => { this.running = undefined; this.form.requestSubmit(event.submitter); });
	}

	/** Signing out ends the session with which it would be saved. */
	private leftBy(other: HTMLFormElement, event: SubmitEvent): void {
		if (this.isStopped || this.isFailing || !this.isChanged()) return;
		event.preventDefault();
		void this.save().then(() => other.requestSubmit(event.submitter));
	}

	private leave(): void {
		this.note();
		if (this.isSending || this.isStopped || !this.isChanged()) return;
		const body = this.fields();
		if (body.toString().length >= LEAVING_MAX_BYTES) return;
		this.saved = this.text();
		clearTimeout(this.waiting);
		// The page may stay after all: what came of it is looked at then.
		fetch(this.form.dataset.save!, { method: 'POST', body, keepalive: true, redirect: 'manual' }).then(async response => {
			if (!response.ok) { this.saved = ''; this.look(); return; }
			const answer = await response.json() as Answer;
			this.input('version').value = String(Math.max(answer.version, Number(this.input('version').value)));
		}).catch(() => { this.saved = ''; });
	}
}
