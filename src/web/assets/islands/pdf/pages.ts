import { openPdf, type OpenPdf, type PdfSource } from './open';
import { PdfPage } from './page';

export const MOST_PAGES = 2_000; // that have a place: a small file may claim to have any number of them
const KEPT = 12; // pages drawn at a time: a canvas takes megabytes
const RESIZE_MS = 200;

let drawn: PdfPage[] = []; // of all documents, the latest first

/** The pages of one PDF below each other, drawn when they come near the window. */
export class PdfPages {
	readonly pages: PdfPage[] = [];
	private resizing: number | undefined;

	/** list: where the pages go. label: what a page is called. */
	constructor(private readonly list: HTMLElement, private readonly source: PdfSource, private readonly label: (number: number) => string) {}

	/** How many pages it has. A PasswordException: it is locked. */
	async open(): Promise<number> {
		const opened = await openPdf(this.source);
		await this.lay(opened);
		return opened.pdf.numPages;
	}

	/** Counted from 1. */
	page(number: number): PdfPage | undefined {
		return this.pages[number - 1];
	}

	drawAgain(): void {
		for (const page of drawn) if (this.pages.includes(page)) void page.draw();
	}

	/** Places for all pages, as large as the first one until they are known better. */
	private async lay({ library, pdf }: OpenPdf): Promise<void> {
		const first = await pdf.getPage(1);
		const { width, height } = first.getViewport({ scale: 1 });
		const near = new IntersectionObserver(entries => {
			for (const entry of entries) if (entry.isIntersecting) this.draw(this.pages[Number((entry.target as HTMLElement).dataset.at)]!);
		}, { rootMargin: '60% 0px' });
		for (let number = 1; number <= Math.min(pdf.numPages, MOST_PAGES); number++) {
			const page = new PdfPage(library, pdf, number, this.label(number), { width, height });
			page.element.dataset.at = String(this.pages.length);
			this.pages.push(page);
			this.list.append(page.element);
			near.observe(page.element);
		}
		addEventListener('resize', () => {
			clearTimeout(this.resizing);
			this.resizing = window.setTimeout(() => this.drawAgain(), RESIZE_MS);
		});
	}

	private draw(page: PdfPage): void {
		drawn = [page, ...drawn.filter(other => other !== page)];
		for (const far of drawn.splice(KEPT)) far.forget();
		void page.draw();
	}
}
