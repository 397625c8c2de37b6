import { TestBed } from '@angular/core/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { everything, house, serve } from '../../../testing/server';
import type { CustomField } from '../../core/custom-fields';
import { customFormFields } from './custom-form';
import { FormFields } from './form-fields';

const define = (key: string): CustomField => ({
  id: key, recordType: 'works.site', key, label: key, kind: 'text', choices: null, required: false, personal: false, position: 0,
  status: 'active', version: 1,
}); // prettier-ignore

afterEach(() => vi.unstubAllGlobals());

describe('a form that somebody fills in', () => {
  it('loses what was typed when an administrator defines a field', () => {
    serve(house(everything));
    const form = TestBed.createComponent(FormFields);
    form.componentRef.setInput('fields', customFormFields([define('region')], undefined));
    form.detectChanges();
    const input = (form.nativeElement as Element).querySelector('input') as HTMLInputElement;
    input.value = 'North';
    input.dispatchEvent(new Event('input'));
    form.componentRef.setInput('fields', customFormFields([define('region'), define('size')], undefined));
    form.detectChanges();
    expect(form.componentInstance.submit()).toEqual({ 'custom.region': 'North' });
    form.componentRef.setInput('start', { 'custom.size': '2' });
    form.detectChanges();
    expect(form.componentInstance.submit()).toEqual({ 'custom.size': '2' });
  });
});
