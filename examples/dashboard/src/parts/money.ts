/** An amount in the plant's currency; without one, nothing. */
export function money(amount: number | null | undefined, currency: string | null, locale: string): string | null {
  if (amount == null || currency === null || !Number.isFinite(amount)) return null;
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    maximumFractionDigits: Math.abs(amount) >= 100 ? 0 : 2,
  }).format(amount);
}
