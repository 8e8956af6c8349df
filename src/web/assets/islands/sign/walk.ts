import { find, findAll, make } from '../dom';
import { Papers, makeSpot } from './papers';
import { Step } from './step';

/** Leads from field to field. The form holds all that is filled in; here is only what is shown of it at a time. */
export class Walk {
	private readonly form: HTMLFormElement;
	private readonly papers: Papers;
	private readonly places: HTMLElement[]; // where one can be: the beginning, each field, the end
	private steps: Step[] = [];
	private at = -1;
	private isSending = false;

	constructor(private readonly page: HTMLElement) {
		this.form = find<HTMLFormElement>('form[data-walk]', page)!;
		this.papers = new Papers(page);
		this.places = findAll('[data-first], [data-step], [data-last]', this.form);
	}

	start(): void {
		this.page.classList.add('is-walking');
		this.steps = findAll('[data-step]', this.form).map(element => new Step(element, step => this.changed(step)));
		for (const hidden of findAll('[data-progress], [data-buttons], [data-first]', this.form)) hidden.hidden = false;
		find('[data-plain]', this.form)!.hidden = true;
		history.scrollRestoration = 'manual'; // one begins again at the beginning
		this.form.noValidate = true; // fields that are not shown cannot be pointed at
		this.listen();
		this.papers.start();
		for (const step of this.steps) void this.mark(step);
		for (const date of findAll('[data-date]', this.form)) void this.markDate(date);
		const wrong = this.steps.findIndex(({ element }) => element.dataset.wrong !== undefined);
		const isEndWrong = find('[data-last] .wrong:not([data-some-missing])', this.form) !== null;
		this.go(wrong >= 0 ? wrong + 1 : isEndWrong || find('#problems') ? this.places.length - 1 : 0, false);
	}

	private listen(): void {
		this.form.addEventListener('submit', event => this.submit(event));
		const next = find('[data-next]', this.form)!;
		const back = find('[data-back]', this.form)!;
		next.addEventListener('click', () => this.next());
		back.addEventListener('click', () => this.go(this.at - 1));
		// The pages may still be on their way to the field, and the form with them: what was pressed on a button is meant for it.
		for (const button of [next, back]) button.addEventListener('pointerdown', event => button.setPointerCapture(event.pointerId));
		find('[data-to-missing]', this.form)?.addEventListener('click', () => this.goToMissing());
		find('#problems')?.addEventListener('click', event => this.goToProblem(event));
		this.form.addEventListener('keydown', event => {
			// Enter goes on; it signs only on the last button.
			const isLine = event.target instanceof HTMLInputElement && event.target.type !== 'checkbox';
			if (event.key !== 'Enter' || event.isComposing || !isLine || this.at === this.places.length - 1) return;
			event.preventDefault();
			this.next();
		});
		addEventListener('beforeunload', event => {
			if (!this.isSending && this.steps.some(({ picture }) => picture)) event.preventDefault();
		});
		addEventListener('pageshow', () => this.showSending(false));
		new ResizeObserver(() => this.keepSpotsInSight()).observe(this.form);
	}

	/** On a phone the form lies over the lower part of the pages: what is brought into sight there stays clear of it. (A padding of the
	 *  whole page would count for the form as well, and each step into it would move the pages.) */
	private keepSpotsInSight(): void {
		this.page.style.setProperty('--form-over', this.stands === 'over' ? `${this.form.offsetHeight + 16}px` : '0px');
	}

	/** Where the form is: beside the pages, over their lower end, or, where there is too little height for both, below them. */
	private get stands(): string {
		return getComputedStyle(this.form).getPropertyValue('--stands').trim();
	}

	private next(): void {
		const step = this.steps[this.at - 1];
		if (step && step.isRequired && !step.isFilled) {
			step.showMissing(true);
			step.focus();
			return;
		}
		this.go(this.at + 1);
	}

	private go(to: number, isAsked = true): void {
		const place = this.places[to];
		if (!place) return;
		this.at = to;
		for (const other of this.places) other.classList.toggle('is-current', other === place);
		const step = this.steps[to - 1];
		if (step) this.carryOver(step);
		for (const other of this.steps) other.spot?.classList.toggle('is-current', other === step);
		this.showProgress(place);
		step?.shown();
		if (!isAsked) return;
		this.keepSpotsInSight();
		if (step) step.focus();
		else place.focus({ preventScroll: true });
		this.bringIntoSight(step);
	}

	private bringIntoSight(step: Step | undefined): void {
		const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth';
		if (this.stands === 'below') this.form.scrollIntoView({ block: 'nearest', behavior });
		else step?.spot?.scrollIntoView({ block: 'center', inline: 'nearest', behavior });
	}

	/** One signature goes into all its places, unless another is put there. */
	private carryOver(step: Step): void {
		const before = this.steps.filter(other => other !== step && other.kind === step.kind && other.isFilled);
		if (step.isMark && before[0]) step.takeFrom(before[0]);
	}

	private showProgress(place: HTMLElement): void {
		const isFirst = this.at === 0;
		const isLast = this.at === this.places.length - 1;
		const { sayProgress = '', sayAt = '', sayNext = '', sayStart = '', sayLast = '' } = this.page.dataset;
		const number = String(Math.max(1, Math.min(this.at, this.steps.length)));
		const fill = (sentence: string) => sentence.replace('{number}', number).replace('{all}', String(this.steps.length)).replace('{name}', `${place.dataset.name ?? ''}, ${place.dataset.where ?? ''}`);
		find('[data-count]', this.form)!.textContent = isLast ? '' : fill(sayProgress);
		find('[data-progress]', this.form)!.hidden = isFirst || this.steps.length === 0;
		const bar = find<HTMLProgressElement>('progress', this.form)!;
		bar.max = this.steps.length + 1;
		bar.value = this.at;
		find('[data-back]', this.form)!.hidden = isFirst;
		const next = find('[data-next]', this.form)!;
		next.hidden = isLast;
		next.textContent = isFirst ? sayStart : sayNext;
		find('[data-said]', this.form)!.textContent = isFirst ? '' : isLast ? sayLast : fill(sayAt);
		if (isLast) this.showWhatIsLeft();
	}

	private get missing(): number {
		return this.steps.findIndex(step => step.isRequired && !step.isFilled);
	}

	private showWhatIsLeft(): void {
		const isDone = this.missing < 0;
		find('[data-all-filled]', this.form)!.hidden = !isDone;
		find('[data-some-missing]', this.form)!.hidden = isDone;
		const isNew = this.steps.some(step => step.isMark && step.isFilled && step.way !== 'saved');
		for (const part of findAll('[data-save]', this.form)) part.hidden = !isNew;
	}

	private goToMissing(): void {
		const { missing } = this;
		if (missing < 0) return;
		this.go(missing + 1);
		this.steps[missing]!.showMissing(true);
	}

	private goToProblem(event: Event): void {
		const id = (event.target as Element).closest<HTMLAnchorElement>('a[href^="#"]')?.hash.slice(1);
		const target = id && document.getElementById(decodeURIComponent(id));
		const to = this.places.findIndex(place => target && place.contains(target));
		if (to < 0) return;
		event.preventDefault();
		this.go(to);
		if (this.places[to] === this.places.at(-1) && target) target.focus();
	}

	// ---- on the pages

	private async mark(step: Step): Promise<void> {
		const spot = makeSpot(step.kind);
		spot.addEventListener('click', () => this.go(this.steps.indexOf(step) + 1));
		if (!await this.papers.place(step.element.dataset, spot)) return;
		step.spot = spot;
		this.changed(step);
		// Who was quicker than the document sees now where they are.
		const isCurrent = this.steps[this.at - 1] === step;
		spot.classList.toggle('is-current', isCurrent);
		if (isCurrent) this.bringIntoSight(step);
	}

	/** Filled in by the portal: nothing to press. */
	private async markDate(date: HTMLElement): Promise<void> {
		const spot = make('span', { class: 'sign-spot is-filled is-fixed' });
		spot.append(make('span', { class: 'sign-face' }, date.dataset.value ?? ''));
		await this.papers.place(date.dataset, spot);
	}

	private changed(step: Step): void {
		const { saySign = '', sayInitials = '', saySpot = '', saySpotDone = '' } = this.page.dataset;
		const { name = '', page = '' } = step.element.dataset;
		step.fillSpot(step.kind === 'signature' ? saySign : step.kind === 'initials' ? sayInitials : step.kind === 'check' ? '' : name);
		const about = step.spot && find('[data-about]', step.spot);
		if (about) about.textContent = (step.isFilled ? saySpotDone : saySpot).replace('{name}', name).replace('{number}', page);
		if (this.at === this.places.length - 1) this.showWhatIsLeft();
	}

	// ---- the last button

	private submit(event: Event): void {
		if (this.isSending) return event.preventDefault();
		const end = this.places.at(-1)!;
		const isWhole = this.missing < 0 && findAll<HTMLInputElement>('input', end).every(input => input.reportValidity());
		if (!isWhole) {
			event.preventDefault();
			this.goToMissing();
			return;
		}
		for (const step of this.steps) step.prepareToSend();
		this.showSending(true);
	}

	private showSending(isSending: boolean): void {
		this.isSending = isSending;
		find('[data-sign]', this.form)?.setAttribute('aria-disabled', String(isSending));
		find('[data-sending]', this.form)!.textContent = isSending ? this.page.dataset.saySigning ?? '' : '';
	}
}
