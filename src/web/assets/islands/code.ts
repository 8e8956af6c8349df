import { find, findAll } from './dom';

/** The recovery code: copying, printing; and reloading shows what comes after, not the form again. */
export function enhanceCodes(): void {
	const after = find('[data-after]')?.dataset.after;
	if (after) history.replaceState(null, '', after);
	for (const button of findAll<HTMLButtonElement>('button[data-print]')) {
		button.hidden = false;
		button.addEventListener('click', () => print());
	}
	guardCode();
	for (const reminder of findAll('[data-while-away]')) remindWhileAway(reminder);
	if (!navigator.clipboard) return;
	for (const button of findAll<HTMLButtonElement>('button[data-copy]')) {
		button.hidden = false;
		button.addEventListener('click', () => void copy(button));
	}
}

/** It is shown only once: whoever has not said that it is kept is asked before leaving. */
function guardCode(): void {
	const box = find<HTMLInputElement>('#code-kept');
	if (!box) return;
	addEventListener('beforeunload', event => { if (!box.checked) event.preventDefault(); });
}

/** Beside the code itself the reminder would only be in the way. */
function remindWhileAway(reminder: HTMLElement): void {
	const place = document.getElementById(reminder.dataset.whileAway ?? '');
	if (!place) return;
	new IntersectionObserver(entries => { reminder.hidden = entries.at(-1)?.isIntersecting ?? false; }).observe(place);
}

async function copy(button: HTMLButtonElement): Promise<void> {
	const code = document.getElementById(button.dataset.copy ?? '')?.textContent ?? '';
	const status = document.getElementById('copy-status');
	await navigator.clipboard.writeText(code.trim());
	button.textContent = button.dataset.done ?? '';
	if (status) status.textContent = button.dataset.done ?? '';
}
