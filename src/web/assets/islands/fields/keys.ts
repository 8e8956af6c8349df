import { KINDS, LEAST, resized, within, type Field, type Kind } from './field';
import type { Editor } from './editor';
import { placeIdOf } from './place';

const STEP = 1; // points for a key that is pressed once
const REPEATED = 6; // and while it is held
const ARROWS: Record<string, { x: number; y: number }> = {
	ArrowLeft: { x: -1, y: 0 }, ArrowRight: { x: 1, y: 0 }, ArrowUp: { x: 0, y: -1 }, ArrowDown: { x: 0, y: 1 },
};

/** Everything without a pointer. Letters count only while a field or the pages have the focus (WCAG 2.1.4). */
export class Keys {
	constructor(private readonly editor: Editor) {}

	listen(place: HTMLElement): void {
		place.addEventListener('keydown', event => this.pressed(event));
	}

	private pressed(event: KeyboardEvent): void {
		const target = event.target as HTMLElement;
		if (event.isComposing || event.altKey) return;
		if (event.ctrlKey || event.metaKey) return this.pressedUndo(event, target);
		if (event.key === 'Escape') return this.escape();
		const id = placeIdOf(target);
		const field = id === undefined ? undefined : this.editor.find(id);
		const isDone = field ? this.onField(event, field) || this.onPages(event, field) : target.matches('[data-pages]') && this.onPages(event);
		if (!isDone) return;
		event.preventDefault();
		event.stopPropagation(); // the site has keys of its own
	}

	private pressedUndo(event: KeyboardEvent, target: HTMLElement): void {
		const key = event.key.toLowerCase();
		const isText = target.matches('textarea, input:not([type=radio], [type=checkbox])');
		if (isText || (key !== 'z' && key !== 'y')) return;
		event.preventDefault();
		if (key === 'y' || event.shiftKey) this.editor.plan.redo();
		else this.editor.plan.undo();
	}

	private escape(): void {
		if (this.editor.armed) return this.editor.arm(undefined);
		this.editor.select(undefined);
	}

	private onField(event: KeyboardEvent, field: Field): boolean {
		const arrow = ARROWS[event.key];
		if (arrow) return this.pushed(field, arrow, event.shiftKey, event.repeat ? REPEATED : STEP);
		if (event.key !== 'Delete' && event.key !== 'Backspace') return false;
		this.editor.remove(field.id);
		return true;
	}

	private pushed(field: Field, { x, y }: { x: number; y: number }, isResizing: boolean, step: number): boolean {
		const { editor } = this;
		const sheet = editor.sheets.of(field.file, field.page);
		if (!sheet) return true;
		const { shape } = sheet.page;
		const box = isResizing ? resized(field, field.width + x * step, field.height + y * step, LEAST[field.kind], shape)
			: within({ ...field, x: field.x + x * step, y: field.y + y * step }, shape);
		editor.change(field.id, { x: box.x, y: box.y, width: box.width, height: box.height }, isResizing ? 'size' : 'move');
		editor.elementOf(field.id)?.scrollIntoView({ block: 'nearest' });
		const number = (points: number) => String(Math.round(points));
		editor.say(isResizing ? editor.words.say('sized', { width: number(box.width), height: number(box.height) }) : editor.words.say('moved', { x: number(box.x), y: number(box.y) }));
		return true;
	}

	private onPages(event: KeyboardEvent, field?: Field): boolean {
		const kind = KINDS.find(one => this.editor.words.say(`key_${one}`) === event.key.toLowerCase()) as Kind | undefined;
		if (kind) {
			this.editor.putHere(kind);
			return true;
		}
		const signer = /^[1-9]$/.test(event.key) ? this.editor.signerAt(Number(event.key)) : undefined;
		if (signer) this.editor.chooseSigner(signer, field);
		return signer !== undefined;
	}
}
