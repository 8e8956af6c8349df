import { find, findAll, make } from '../dom';
import type { PdfSource } from '../pdf/open';
import { PdfPages } from '../pdf/pages';

const ZOOMS = 5;

/** Shows the documents. What lies on a page is put there by place(). */
export class Papers {
	private readonly papers = new Map<string, Promise<PdfPages | undefined>>();

	constructor(private readonly page: HTMLElement) {}

	/** One after another: so the first one is there soonest, and no more is asked for at once than one may have. */
	start(): void {
		let before: Promise<unknown> = Promise.resolve();
		for (const paper of findAll('[data-paper]', this.page)) {
			const opened = before.then(() => this.open(paper));
			this.papers.set(paper.dataset.paper!, opened);
			before = opened;
		}
	}

	/** Puts what has data-file, -page, -x, -y, -width and -height (points) where it belongs. */
	async place(from: DOMStringMap, what: HTMLElement): Promise<boolean> {
		const page = (await this.papers.get(from.file ?? ''))?.page(Number(from.page));
		if (!page) return false;
		const size = await page.measure();
		const share = (points: string | undefined, whole: number) => `${Number(points) / whole * 100}%`;
		what.style.insetInlineStart = 'auto';
		what.style.left = share(from.x, size.width);
		what.style.top = share(from.y, size.height);
		what.style.width = share(from.width, size.width);
		what.style.height = share(from.height, size.height);
		what.classList.toggle('is-nowhere', Number(from.width) === 0); // the portal finds room for it on this page
		page.element.append(what);
		return true;
	}

	private async open(paper: HTMLElement): Promise<PdfPages | undefined> {
		const list = find('[data-pages]', paper)!;
		const state = find('[data-state]', paper)!;
		state.textContent = this.page.dataset.sayLoading ?? '';
		list.hidden = false;
		const sentence = findAll('[data-paper]', this.page).length > 1 ? this.page.dataset.sayWhere : this.page.dataset.sayPage;
		const label = (number: number) => (sentence ?? '').replace('{number}', number.toLocaleString(document.documentElement.lang)).replace('{name}', paper.getAttribute('aria-label') ?? '');
		const pages = new PdfPages(list, paper.dataset as unknown as PdfSource, label);
		try {
			await pages.open();
			state.textContent = '';
			this.offerZoom(paper, list, pages);
			return pages;
		} catch {
			list.hidden = true;
			state.textContent = this.page.dataset.sayBroken ?? '';
			state.classList.add('warning');
			return undefined;
		}
	}

	private offerZoom(paper: HTMLElement, list: HTMLElement, pages: PdfPages): void {
		const buttons = find('[data-zoom-buttons]', paper);
		if (!buttons) return;
		let zoom = 0;
		const show = () => {
			list.dataset.zoom = String(zoom);
			for (const button of findAll('[data-pdf-act]', buttons))
				button.setAttribute('aria-disabled', String(zoom === (button.dataset.pdfAct === 'in' ? ZOOMS - 1 : 0)));
		};
		buttons.hidden = false;
		buttons.addEventListener('click', event => {
			const act = (event.target as Element).closest<HTMLElement>('[data-pdf-act]')?.dataset.pdfAct;
			if (!act) return;
			zoom = Math.min(ZOOMS - 1, Math.max(0, zoom + (act === 'in' ? 1 : -1)));
			show();
			pages.drawAgain();
		});
		show();
	}
}

/** What marks a field on its page: pressed, it leads to the field's line in the form. */
export function makeSpot(kind: string): HTMLButtonElement {
	const spot = make('button', { type: 'button', class: 'sign-spot', 'data-kind': kind });
	spot.append(make('span', { class: 'sign-face' }), make('span', { class: 'unseen', 'data-about': '' }));
	return spot;
}
