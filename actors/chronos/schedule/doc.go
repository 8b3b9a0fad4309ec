// Package schedule says when a job is due: ISO 8601 repeating intervals, as Chronos has them, and lines of cron, both in any
// time zone.
//
// Package job parses schedules with it, and package plan asks for the next slot, the instant at which a job is due. It is
// pure: it reads no clock, and a slot depends on nothing but the schedule, so that two schedulers agree on it.
//
// # Clocks that are set
//
// Years, months, weeks and days of an interval count on the calendar of the zone; hours, minutes and seconds are exact.
// So R/2026-01-01T02:30:00/P1D in Europe/Berlin is due at 02:30 every day, and with PT24H it moves by an hour when the clocks
// change. Intervals are counted from the start: from January 31 on, P1M is due on the last day of shorter months.
//
//	                     the clock jumps forward                   the clock is set back
//	interval of days     a time that does not exist is as late     a time that comes twice counts the
//	                     as if the clock had not jumped            first time
//	cron, hour is fixed  the same                                  the same
//	cron, hour begins *  each minute that exists counts once       each minute counts, also the second time
//
// So a day has its slot whatever the clocks do, and what is due every so many minutes is, on every day.
package schedule
