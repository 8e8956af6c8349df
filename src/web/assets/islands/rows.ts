import { find, findAll } from './dom';

/** One tick for all messages of a list. */
export function enhanceRows(): void {
	for (const form of findAll<HTMLFormElement>('form[data-rows]')) {
		const label = find<HTMLLabelElement>('[data-all]', form);
		const all = label && find<HTMLInputElement>('input', label);
		const ticks = () => findAll<HTMLInputElement>('input[name=id]', form); // new ones may come
		if (!label || !all) continue;
		label.hidden = false;
		const show = () => {
			const boxes = ticks();
			const count = boxes.filter(box => box.checked).length;
			all.checked = count === boxes.length;
			all.indeterminate = count > 0 && count < boxes.length;
		};
		all.addEventListener('change', () => { for (const box of ticks()) box.checked = all.checked; });
		form.addEventListener('change', show);
		addEventListener('pageshow', show);
	}
}
