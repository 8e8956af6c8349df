import { find, findAll } from './dom';

/** Enter in a line goes on to the text; Ctrl or Cmd and Enter in the text sends. */
export function enhanceKeys(): void {
	for (const form of findAll<HTMLFormElement>('form[data-guard]')) {
		const body = find<HTMLTextAreaElement>('textarea[name=body]', form);
		const line = find<HTMLInputElement>('input[name=subject]', form);
		line?.addEventListener('keydown', event => {
			if (event.key !== 'Enter' || event.isComposing) return;
			event.preventDefault();
			body?.focus();
		});
		body?.addEventListener('keydown', event => {
			if (event.key !== 'Enter' || event.isComposing || event.repeat || !(event.ctrlKey || event.metaKey)) return;
			event.preventDefault();
			form.requestSubmit();
		});
	}
}
