import { find, findAll } from './dom';
import { Invites } from './invites';
import { PeopleField } from './people';

/** Recipients as chips with suggestions; who will be invited is shown before sending, so that sending is one click. */
export function enhanceCompose(): void {
	const form = find<HTMLFormElement>('form#compose');
	if (!form) return;
	const invites = new Invites(form);
	for (const element of findAll('[data-people]', form))
		new PeopleField(element, form.dataset, () => void invites.refresh()).start();
	if (find<HTMLTextAreaElement>('#to', form)?.value.trim()) void invites.refresh();
}
