import { find, findAll } from '../dom';
import type { Words } from '../files/words';
import type { PdfSource } from '../pdf/open';
import type { PdfPage } from '../pdf/page';
import { MOST_PAGES, PdfPages } from '../pdf/pages';
import type { Box, Size } from './field';

const ZOOM_LEAST = -1;
const ZOOM_MOST = 4;

/** One page of one document. */
export interface Sheet { file: string; number: number; page: PdfPage; element: HTMLElement; at: number }
export interface Point { x: number; y: number }

interface Document { file: string; name: string; pages: PdfPages; count: number }

/** The pages of all documents, and what is where on the screen. */
export class Sheets {
	readonly documents: Document[] = [];
	readonly all: Sheet[] = [];
	private readonly byElement = new Map<Element, Sheet>();
	private zoom = 0;

	constructor(private readonly place: HTMLElement, private readonly words: Words) {}

	/** One after the other; `opened` after each, and `failed` for one that cannot be shown. */
	async open(opened: () => void): Promise<void> {
		for (const element of findAll('[data-document]', this.place)) {
			const list = find('[data-pdf-pages]', element)!;
			const state = find('[data-state]', element)!;
			const name = element.dataset.name ?? '';
			const pages = new PdfPages(list, element.dataset as unknown as PdfSource, number => this.words.say('page', { number: String(number), name }));
			try {
				const count = await pages.open();
				state.textContent = count > MOST_PAGES ? this.words.say('morePages', { number: String(MOST_PAGES) }) : '';
				this.take(element.dataset.document!, name, pages, count);
			} catch {
				state.textContent = this.words.say('broken', { name });
				state.classList.add('wrong');
			}
			opened();
		}
	}

	private take(file: string, name: string, pages: PdfPages, count: number): void {
		this.documents.push({ file, name, pages, count });
		for (const [i, page] of pages.pages.entries()) {
			const sheet = { file, number: i + 1, page, element: page.element, at: this.all.length };
			this.all.push(sheet);
			this.byElement.set(page.element, sheet);
		}
	}

	of(file: string, number: number): Sheet | undefined {
		const page = this.documents.find(one => one.file === file)?.pages.page(number);
		return page && this.byElement.get(page.element);
	}

	/** Those of the same document. */
	siblings(sheet: Sheet): Sheet[] {
		return this.all.filter(other => other.file === sheet.file);
	}

	under(target: EventTarget | null): Sheet | undefined {
		const element = target instanceof Element ? target.closest('.pdf-page') : null;
		return element ? this.byElement.get(element) : undefined;
	}

	at({ x, y }: Point): Sheet | undefined {
		for (const element of document.elementsFromPoint(x, y)) {
			const sheet = this.byElement.get(element);
			if (sheet) return sheet;
		}
		return undefined;
	}

	/** Of which most is seen in the middle of the window. They lie below each other, so that halving finds it. */
	current(): Sheet | undefined {
		const middle = innerHeight * 0.45;
		let [low, high] = [0, this.all.length - 1];
		while (low < high) {
			const half = (low + high) >> 1;
			if (this.all[half]!.element.getBoundingClientRect().bottom < middle) low = half + 1;
			else high = half;
		}
		return this.all[low];
	}

	/** Pixels for a point. */
	static scale({ element, page }: Sheet): number {
		return element.clientWidth / page.shape.width || 1;
	}

	/** What is at this place of the window, in points of the page. */
	static pointOn(sheet: Sheet, { x, y }: Point): Point {
		const { element } = sheet;
		const rect = element.getBoundingClientRect();
		const scale = Sheets.scale(sheet);
		return { x: (x - rect.left - element.clientLeft) / scale, y: (y - rect.top - element.clientTop) / scale };
	}

	/** The middle of what is seen of a page, in points. */
	static middleOf(sheet: Sheet): Point {
		const rect = sheet.element.getBoundingClientRect();
		const top = Math.max(rect.top, 0);
		const bottom = Math.min(rect.bottom, innerHeight);
		return Sheets.pointOn(sheet, { x: (Math.max(rect.left, 0) + Math.min(rect.right, innerWidth)) / 2, y: bottom > top ? (top + bottom) / 2 : (rect.top + rect.bottom) / 2 });
	}

	/** Makes an element cover a box of its page. */
	static lay(element: HTMLElement, box: Box, size: Size): void {
		const percent = (part: number, whole: number) => `${(part / whole) * 100}%`;
		element.style.left = percent(box.x, size.width);
		element.style.top = percent(box.y, size.height);
		element.style.width = percent(box.width, size.width);
		element.style.height = percent(box.height, size.height);
	}

	/** Larger or smaller, around what is in the middle of the window. */
	zoomBy(step: number): void {
		const sheet = this.current();
		const before = sheet && Sheets.middleOf(sheet);
		this.zoom = Math.min(ZOOM_MOST, Math.max(ZOOM_LEAST, this.zoom + step));
		for (const list of findAll('[data-pdf-pages]', this.place)) list.dataset.zoom = String(this.zoom);
		if (sheet && before) {
			const rect = sheet.element.getBoundingClientRect();
			scrollBy(0, rect.top + before.y * Sheets.scale(sheet) - innerHeight / 2);
		}
		for (const { pages } of this.documents) pages.drawAgain();
	}

	get canZoomIn(): boolean { return this.zoom < ZOOM_MOST; }
	get canZoomOut(): boolean { return this.zoom > ZOOM_LEAST; }
}
