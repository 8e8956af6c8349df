import { find, findAll } from './dom';

/** After a form came back with mistakes, their list is where reading goes on. */
export function focusProblems(): void {
	find('#problems')?.focus();
}

/** What a form answers with a file leaves its page as it was: what a mistake said there holds no longer. */
export function clearAfterDownloads(): void {
	for (const form of findAll<HTMLFormElement>('form[data-download]'))
		form.addEventListener('submit', () => setTimeout(() => {
			form.reset();
			find('#problems')?.remove();
			findAll('.wrong', form).forEach(problem => problem.remove());
			findAll('[aria-invalid]', form).forEach(field => field.removeAttribute('aria-invalid'));
		}));
}
