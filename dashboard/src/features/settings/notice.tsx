export { CauseAndFix } from '@/components/cause-and-fix';
export { Notice } from '@/components/notice';
