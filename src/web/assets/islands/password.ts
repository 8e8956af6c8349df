import { findAll } from './dom';

/** "Show" beside password fields. They are hidden again before they are sent, so that browsers know them as passwords. */
export function enhancePasswords(): void {
	for (const button of findAll<HTMLButtonElement>('button[data-reveal]')) {
		const input = document.getElementById(button.dataset.reveal ?? '');
		if (!(input instanceof HTMLInputElement)) continue;
		const show = (isShown: boolean) => {
			input.type = isShown ? 'text' : 'password';
			button.setAttribute('aria-pressed', String(isShown));
			button.textContent = (isShown ? button.dataset.hide : button.dataset.show) ?? '';
		};
		button.hidden = false;
		button.addEventListener('click', () => show(input.type === 'password'));
		input.form?.addEventListener('submit', () => show(false));
	}
}
