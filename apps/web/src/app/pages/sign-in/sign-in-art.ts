import { ChangeDetectionStrategy, Component } from '@angular/core';

const rows: readonly (readonly [y: number, account: string, name: string, figure: string])[] = [
  [92, '5180', 'Holiday pay', '202 200,00'],
  [132, '5400', 'Employer contribution', '237 585,00'],
  [172, '6010', 'Depreciation', '125 800,00'],
  [212, '6300', 'Rent', '300 000,00'],
  [252, '6340', 'Electricity', '94 400,00'],
  [292, '6700', 'Audit and accounting fees', '122 500,00'],
  [332, '6810', 'Software', '49 920,00'],
  [372, '6900', 'Telephone and data', '17 500,00'],
  [412, '7140', 'Travel', '28 055,00'],
  [452, '7320', 'Advertising', '60 900,00'],
];

/** The promise in one drawing: a figure of a trial balance, and the thread to where it came from. Fictitious books. */
@Component({
  selector: 'db-sign-in-art',
  templateUrl: './sign-in-art.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SignInArt {
  protected readonly rows = rows;
  protected readonly rules = Array.from({ length: 18 }, (_, index) => 105 + index * 40);
}
