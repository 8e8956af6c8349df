import { find } from './dom';

/** After a form came back with mistakes, their list is where reading goes on. */
export function focusProblems(): void {
	find('#problems')?.focus();
}
