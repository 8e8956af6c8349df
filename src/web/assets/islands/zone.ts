import { fill, findAll } from './dom';

/** Times are shown in the zone of the device: told when registering, offered in the account. */
export function enhanceZone(): void {
	const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
	for (const input of findAll<HTMLInputElement>('input[data-device-zone]')) input.value = zone ?? '';
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
