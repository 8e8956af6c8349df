import { findAll } from './dom';

/** Asks before text that was written but neither sent nor kept as a draft is left. */
export function guardForms(): void {
	for (const form of findAll<HTMLFormElement>('form[data-guard]')) {
		let isSending = false;
		form.addEventListener('submit', () => { isSending = true; });
		addEventListener('pageshow', () => { isSending = false; });
		addEventListener('beforeunload', event => {
			const typed = form.querySelector<HTMLTextAreaElement>('textarea[name=body]');
			// A signature that stands there from the start is nothing to lose.
			const isNew = typed && (typed.dataset.untouched === undefined || typed.value !== typed.defaultValue);
			if (!isSending && form.dataset.kept !== 'yes' && isNew && typed.value.trim()) event.preventDefault();
		});
	}
}
