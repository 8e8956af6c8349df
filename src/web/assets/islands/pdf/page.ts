import type { PDFDocumentProxy, RenderTask, TextLayer } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { make } from '../dom';
import type { PdfJs } from './open';

export interface Size { width: number; height: number }

const MOST_PIXELS = 16_000_000;
const IDLE_PIXELS = 100; // across, of a canvas that is not drawn

/** One page: a picture, and above it its text, which can be selected and read aloud. */
export class PdfPage {
	readonly element: HTMLElement;
	private readonly canvas: HTMLCanvasElement;
	private readonly text: HTMLElement;
	private task: RenderTask | undefined;
	private layer: TextLayer | undefined;
	private turn = 0;
	private width = 0; // it is drawn for; 0: it is not

	constructor(private readonly library: PdfJs, private readonly pdf: PDFDocumentProxy, private readonly number: number, label: string, private size: Size) {
		this.element = make('section', { class: 'pdf-page', 'aria-label': label });
		this.canvas = make('canvas', { 'aria-hidden': 'true' });
		this.text = make('div', { class: 'pdf-text' });
		this.element.append(this.canvas, this.text);
		this.forget();
	}

	/** In points, as it is shown: as far as it is known, else as the first page. */
	get shape(): Size {
		return this.size;
	}

	/** In points, as it is shown; its place has this shape from then on, drawn or not. */
	async measure(): Promise<Size> {
		const whole = (await this.pdf.getPage(this.number)).getViewport({ scale: 1 });
		this.size = { width: whole.width, height: whole.height };
		if (this.width === 0) this.keepPlace();
		return this.size;
	}

	/** Gives the memory back and keeps the place. */
	forget(): void {
		this.turn++;
		this.task?.cancel();
		this.width = 0;
		this.keepPlace();
		this.text.replaceChildren();
		this.layer = undefined;
	}

	private keepPlace(): void {
		this.canvas.width = IDLE_PIXELS;
		this.canvas.height = Math.round(IDLE_PIXELS * this.size.height / this.size.width);
	}

	async draw(): Promise<void> {
		const wanted = this.element.clientWidth;
		if (wanted === 0 || wanted === this.width) return;
		const turn = ++this.turn;
		this.task?.cancel();
		this.width = wanted;
		try {
			const page = await this.pdf.getPage(this.number);
			const whole = page.getViewport({ scale: 1 });
			this.size = { width: whole.width, height: whole.height };
			if (turn !== this.turn) return;
			const shown = wanted / whole.width;
			const sharp = Math.min(shown * Math.min(devicePixelRatio, 2), Math.sqrt(MOST_PIXELS / (whole.width * whole.height)));
			const viewport = page.getViewport({ scale: sharp });
			// Drawn aside, so that it does not blink while the size changes.
			const fresh = make('canvas', { width: String(Math.round(viewport.width)), height: String(Math.round(viewport.height)) });
			this.task = page.render({ canvas: fresh, viewport });
			await this.task.promise;
			if (turn !== this.turn) return;
			this.canvas.width = fresh.width;
			this.canvas.height = fresh.height;
			this.canvas.getContext('2d')?.drawImage(fresh, 0, 0);
			fresh.width = fresh.height = 0;
			this.element.style.setProperty('--total-scale-factor', String(shown));
			if (this.layer) return;
			this.layer = new this.library.TextLayer({ textContentSource: page.streamTextContent(), container: this.text, viewport: page.getViewport({ scale: 1 }) });
			await this.layer.render();
		} catch {
			if (turn === this.turn) this.width = 0; // cancelled, or a page that cannot be drawn: its place stays empty
		}
	}
}
