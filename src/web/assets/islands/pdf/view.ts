import { getDocument, PDFWorker, type PDFDocumentLoadingTask, type PDFDocumentProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { find, findAll } from '../dom';
import { PdfPage } from './page';

const ZOOMS = 5;
const MOST = 2_000; // pages that have a place: a small file may claim to have any number of them
const KEPT = 12; // pages drawn at a time: a canvas takes megabytes
const RANGE_BYTES = 256 * 1024;
const RESIZE_MS = 200;

/** All pages below each other; drawn when they come near the window. */
export class PdfView {
	private readonly pages: PdfPage[] = [];
	private readonly list: HTMLElement;
	private readonly state: HTMLElement;
	private drawn: PdfPage[] = [];
	private zoom = 0;
	private resizing: number | undefined;

	constructor(private readonly place: HTMLElement) {
		this.list = find('[data-pdf-pages]', place)!;
		this.state = find('[data-pdf-state]', place)!;
	}

	async start(): Promise<void> {
		this.place.hidden = false;
		try {
			const pdf = await this.open().promise;
			this.state.textContent = this.say(pdf.numPages > MOST ? 'sayMorePages' : 'sayPages', pdf.numPages);
			await this.lay(pdf);
		} catch (error) {
			const isLocked = (error as Error).name === 'PasswordException';
			this.state.textContent = this.place.dataset[isLocked ? 'sayLocked' : 'sayBroken'] ?? '';
			this.place.classList.add('is-broken');
		}
	}

	private say(what: string, number: number): string {
		return (this.place.dataset[what] ?? '').replace('{number}', number.toLocaleString(document.documentElement.lang)).replace('{most}', MOST.toLocaleString(document.documentElement.lang));
	}

	private open(): PDFDocumentLoadingTask {
		const { pdf, worker, decoder } = this.place.dataset;
		// The only script address that is made by a script: under a policy of its own.
		const policy = window.trustedTypes?.createPolicy('pdf-worker', { createScriptURL: address => {
			if (address !== worker) throw new TypeError(address);
			return address;
		} });
		const address = policy ? policy.createScriptURL(worker!) : worker!;
		const port = new Worker(address as string, { type: 'module' });
		return getDocument({
			url: pdf!, worker: new PDFWorker({ port: port as unknown as null }), rangeChunkSize: RANGE_BYTES, disableAutoFetch: true,
			isEvalSupported: false, enableXfa: false, useSystemFonts: true,
			useWasm: false, wasmUrl: `${decoder}?/`, // to which pdf.js adds the name of a file
		});
	}

	/** Places for all pages, as large as the first one until they are known better. */
	private async lay(pdf: PDFDocumentProxy): Promise<void> {
		const first = await pdf.getPage(1);
		const { width, height } = first.getViewport({ scale: 1 });
		const near = new IntersectionObserver(entries => {
			for (const entry of entries) if (entry.isIntersecting) this.draw(this.pages[Number((entry.target as HTMLElement).dataset.at)]!);
		}, { rootMargin: '60% 0px' });
		for (let number = 1; number <= Math.min(pdf.numPages, MOST); number++) {
			const page = new PdfPage(pdf, number, this.say('sayPage', number), { width, height });
			page.element.dataset.at = String(this.pages.length);
			this.pages.push(page);
			this.list.append(page.element);
			near.observe(page.element);
		}
		this.place.addEventListener('click', event => this.clicked(event));
		addEventListener('resize', () => {
			clearTimeout(this.resizing);
			this.resizing = window.setTimeout(() => this.drawAgain(), RESIZE_MS);
		});
		this.showZoom();
	}

	private draw(page: PdfPage): void {
		this.drawn = [page, ...this.drawn.filter(other => other !== page)];
		for (const far of this.drawn.splice(KEPT)) far.forget();
		void page.draw();
	}

	private drawAgain(): void {
		for (const page of this.drawn) void page.draw();
	}

	private clicked(event: Event): void {
		const act = (event.target as Element).closest<HTMLElement>('[data-pdf-act]')?.dataset.pdfAct;
		if (!act) return;
		this.zoom = Math.min(ZOOMS - 1, Math.max(0, this.zoom + (act === 'in' ? 1 : -1)));
		this.showZoom();
		this.drawAgain();
	}

	private showZoom(): void {
		this.list.dataset.zoom = String(this.zoom);
		for (const button of findAll<HTMLButtonElement>('[data-pdf-act]', this.place))
			button.setAttribute('aria-disabled', String(this.zoom === (button.dataset.pdfAct === 'in' ? ZOOMS - 1 : 0)));
	}
}
