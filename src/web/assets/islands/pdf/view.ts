import { find, findAll } from '../dom';
import type { PdfSource } from './open';
import { MOST_PAGES, PdfPages } from './pages';

const ZOOMS = 5;

/** A PDF with what makes it larger and smaller, and a line about it. */
export class PdfView {
	private readonly list: HTMLElement;
	private readonly state: HTMLElement;
	private readonly pages: PdfPages;
	private zoom = 0;

	constructor(private readonly place: HTMLElement) {
		this.list = find('[data-pdf-pages]', place)!;
		this.state = find('[data-pdf-state]', place)!;
		this.pages = new PdfPages(this.list, place.dataset as unknown as PdfSource, number => this.say('sayPage', number));
	}

	async start(): Promise<void> {
		this.place.hidden = false;
		try {
			const count = await this.pages.open();
			this.state.textContent = this.say(count > MOST_PAGES ? 'sayMorePages' : 'sayPages', count);
			this.place.addEventListener('click', event => this.clicked(event));
			this.showZoom();
		} catch (error) {
			const isLocked = (error as Error).name === 'PasswordException';
			this.state.textContent = this.place.dataset[isLocked ? 'sayLocked' : 'sayBroken'] ?? '';
			this.place.classList.add('is-broken');
		}
	}

	private say(what: string, number: number): string {
		const shown = (count: number) => count.toLocaleString(document.documentElement.lang);
		return (this.place.dataset[what] ?? '').replace('{number}', shown(number)).replace('{most}', shown(MOST_PAGES));
	}

	private clicked(event: Event): void {
		const act = (event.target as Element).closest<HTMLElement>('[data-pdf-act]')?.dataset.pdfAct;
		if (!act) return;
		this.zoom = Math.min(ZOOMS - 1, Math.max(0, this.zoom + (act === 'in' ? 1 : -1)));
		this.showZoom();
		this.pages.drawAgain();
	}

	private showZoom(): void {
		this.list.dataset.zoom = String(this.zoom);
		for (const button of findAll<HTMLButtonElement>('[data-pdf-act]', this.place))
			button.setAttribute('aria-disabled', String(this.zoom === (button.dataset.pdfAct === 'in' ? ZOOMS - 1 : 0)));
	}
}
