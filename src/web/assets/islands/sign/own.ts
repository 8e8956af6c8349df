import { find, findAll } from '../dom';
import { Pad } from './pad';

/** The settings: drawing the signature that is kept. */
export function keepOwn(form: HTMLFormElement): void {
	for (const place of findAll('[data-own-draw]', form)) {
		place.hidden = false;
		const pad = new Pad(find<HTMLCanvasElement>('[data-pad]', place)!, find<HTMLInputElement>('[data-drawn]', place)!, () => undefined);
		find('[data-clear]', place)?.addEventListener('click', () => pad.clear());
		pad.lay();
	}
}
