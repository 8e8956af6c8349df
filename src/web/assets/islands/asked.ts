import { find } from './dom';

/** In a long conversation, the message that was asked for is seen at once. */
export function showAsked(): void {
	const asked = find('.message.is-asked');
	const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
	if (!asked || location.hash || entry?.type !== 'navigate') return; // else the browser knows the place
	if (asked.getBoundingClientRect().top > innerHeight / 2) asked.scrollIntoView();
}
