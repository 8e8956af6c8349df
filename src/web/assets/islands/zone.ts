import { fill, findAll } from './dom';

/** Offers the time zone of the device. */
export function enhanceZone(): void {
	const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
	for (const button of findAll<HTMLButtonElement>('button[data-zone]')) {
		const input = document.getElementById(button.dataset.zone ?? '');
		if (!(input instanceof HTMLInputElement) || !zone || input.value === zone) continue;
		button.textContent = fill(button.dataset.text, zone);
		button.hidden = false;
		button.addEventListener('click', () => {
			input.value = zone;
			button.hidden = true;
			input.focus();
		});
	}
}
