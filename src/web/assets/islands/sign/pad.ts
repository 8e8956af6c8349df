import SignaturePad from 'signature_pad';

const INK = '#14233c';
const MOST_ACROSS = 1_000; // pixels of what is sent
const MARGIN = 0.02; // around the ink, of its width

/** A place to draw. What is drawn stands in `field` as a picture, cut to its ink. */
export class Pad {
	private readonly pad: SignaturePad;
	private width = 0; // it was laid out for; 0: not yet
	private isPicture = false; // what is seen came as a picture, not by drawing here

	constructor(private readonly canvas: HTMLCanvasElement, private readonly field: HTMLInputElement, private readonly changed: () => void) {
		this.pad = new SignaturePad(canvas, { penColor: INK, minWidth: 0.8, maxWidth: 2.6 });
		this.pad.addEventListener('beginStroke', () => {
			if (this.isPicture) this.pad.clear();
			this.isPicture = false;
		});
		this.pad.addEventListener('endStroke', () => {
			this.field.value = cutToInk(this.canvas);
			this.changed();
		});
		addEventListener('resize', () => this.lay());
	}

	/** When it is seen: only then it has a size. */
	lay(): void {
		const width = this.canvas.clientWidth;
		if (width === 0 || width === this.width) return;
		const strokes = this.pad.toData();
		const shrunk = this.width > 0 ? width / this.width : 1;
		const sharp = Math.max(devicePixelRatio, 2);
		this.width = width;
		this.canvas.width = width * sharp;
		this.canvas.height = this.canvas.clientHeight * sharp;
		this.canvas.getContext('2d')?.scale(sharp, sharp);
		this.pad.clear();
		if (this.isPicture || (strokes.length === 0 && this.field.value)) void this.showPicture();
		else this.pad.fromData(strokes.map(stroke => ({ ...stroke, points: stroke.points.map(point => ({ ...point, x: point.x * shrunk, y: point.y * shrunk })) })));
	}

	clear(): void {
		this.pad.clear();
		this.isPicture = false;
		this.field.value = '';
		this.changed();
	}

	/** Takes over what was drawn elsewhere. */
	take(picture: string): void {
		this.field.value = picture;
		this.isPicture = true;
		if (this.width > 0) {
			this.pad.clear();
			void this.showPicture();
		}
	}

	private async showPicture(): Promise<void> {
		this.isPicture = true;
		const picture = await decodePicture(this.field.value);
		if (!picture || !this.isPicture) return;
		const { clientWidth: across, clientHeight: down } = this.canvas;
		const scale = Math.min(across * 0.9 / picture.width, down * 0.8 / picture.height, 1);
		const [width, height] = [picture.width * scale, picture.height * scale];
		this.canvas.getContext('2d')?.drawImage(picture, (across - width) / 2, (down - height) / 2, width, height);
	}
}

/** "data:image/png;base64,..." as a picture. Not by an <img>, which the page's policy would not let have it. */
export async function decodePicture(url: string): Promise<ImageBitmap | null> {
	try {
		const letters = atob(url.slice(url.indexOf(',') + 1));
		const bytes = Uint8Array.from(letters, letter => letter.charCodeAt(0));
		return await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
	} catch {
		return null;
	}
}

function cutToInk(canvas: HTMLCanvasElement): string {
	const { width, height } = canvas;
	const context = canvas.getContext('2d');
	if (!context || width === 0 || height === 0) return '';
	const pixels = context.getImageData(0, 0, width, height).data;
	let [left, top, right, bottom] = [width, height, -1, -1];
	for (let y = 0; y < height; y++)
		for (let x = 0; x < width; x++) {
			if (pixels[(y * width + x) * 4 + 3] === 0) continue;
			[left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
		}
	if (right < 0) return '';
	const margin = Math.ceil((right - left + 1) * MARGIN) + 2;
	const [across, down] = [right - left + 1 + 2 * margin, bottom - top + 1 + 2 * margin];
	const scale = Math.min(1, MOST_ACROSS / Math.max(across, down));
	const cut = document.createElement('canvas');
	cut.width = Math.max(1, Math.round(across * scale));
	cut.height = Math.max(1, Math.round(down * scale));
	cut.getContext('2d')?.drawImage(canvas, left - margin, top - margin, across, down, 0, 0, cut.width, cut.height);
	return cut.toDataURL('image/png');
}
