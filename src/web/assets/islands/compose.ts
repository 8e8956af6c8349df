import { find, findAll } from './dom';
import { Invites } from './invites';
import { PeopleField } from './people';
import { Prepare } from './prepare';

/** Recipients as chips with suggestions; who will be invited is shown before sending, so that sending is one click. */
export function enhanceCompose(): void {
	const form = find<HTMLFormElement>('form#compose');
	if (!form) return;
	const invites = new Invites(form);
	const fields = new Map<string, PeopleField>();
	let prepare: Prepare | undefined;
	const changed = () => {
		warnOfTooMany(form, [...fields.values()]);
		invites.refresh();
		prepare?.show();
	};
	for (const element of findAll('[data-people]', form)) {
		const field = new PeopleField(element, form.dataset, changed);
		fields.set(element.dataset.people ?? '', field);
		field.start();
	}
	offerMoving(form, fields);
	prepare = new Prepare(form, fields.get('to'));
	prepare.start();
	if (find<HTMLTextAreaElement>('#to', form)?.value.trim()) invites.refresh();
}

/** A group's members, the same way. */
export function enhanceGroup(): void {
	const form = find<HTMLFormElement>('form[data-people-form]');
	const element = form && find('[data-people]', form);
	if (!form || !element) return;
	const field = new PeopleField(element, form.dataset, () => warnOfTooMany(form, [field]));
	field.start();
}

/** Said while writing, not only after sending. */
function warnOfTooMany(form: HTMLFormElement, fields: PeopleField[]): void {
	const warning = find('#too-many', form);
	const count = fields.reduce((sum, field) => sum + field.count, 0);
	if (warning) warning.hidden = count <= Number(form.dataset.most);
}

/** Everybody in To and Cc goes to Bcc, where nobody sees the others. */
function offerMoving(form: HTMLFormElement, fields: Map<string, PeopleField>): void {
	const button = find<HTMLButtonElement>('#move', form);
	if (!button) return;
	button.hidden = false;
	button.addEventListener('click', () => {
		const moved = ['to', 'cc'].flatMap(name => fields.get(name)?.take() ?? []);
		find('details.more', form)?.setAttribute('open', '');
		fields.get('bcc')?.give(moved);
		find('#bcc-input', form)?.focus();
	});
}
