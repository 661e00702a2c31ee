/* t: the whole userland of the test images. t CMD ARGS [, CMD ARGS]...
   mkdir P | w P BYTES | mv A B | rm P | rmdir P | chmod OCT P | ln OLD NEW | sym TARGET P
   x86-64 Linux only, no libc:
   cc -Os -static -nostdlib -fno-builtin -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none
      -Wl,-n,--build-id=none,-z,noseparate-code -s -o t t.c */
static long sys(long n, long a, long b, long c) {
  long r;
  __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return r;
}
static long num(const char *s, int base) {
  long v = 0;
  for (; *s; s++) v = v * base + (*s - '0');
  return v;
}
static int is(const char *a, const char *b) {
  for (; *a && *a == *b; a++, b++);
  return *a == *b;
}
static char line[64];
static long fill(const char *p, long n) {
  long fd = sys(2, (long)p, 01101, 0644), i, k; /* O_WRONLY|O_CREAT|O_TRUNC */
  if (fd < 0) return fd;
  for (i = 0; i < 63; i++) line[i] = 'a' + i % 26;
  line[63] = '\n';
  for (; n > 0; n -= k) if ((k = sys(1, fd, (long)line, n < 64 ? n : 64)) <= 0) return -5;
  return sys(3, fd, 0, 0);
}
__attribute__((used)) void run(long *sp) {
  char **v = (char **)(sp + 2);
  while (*v) {
    char *c = *v++;
    long r, a, b;
    if (is(c, ",")) continue;
    if (!*v) sys(60, 2, 0, 0);
    a = (long)*v++;
    if (is(c, "rm")) r = sys(87, a, 0, 0);
    else if (is(c, "rmdir")) r = sys(84, a, 0, 0);
    else if (is(c, "mkdir")) r = sys(83, a, 0755, 0);
    else {
      if (!*v) sys(60, 2, 0, 0);
      b = (long)*v++;
      if (is(c, "w")) r = fill((char *)a, num((char *)b, 10));
      else if (is(c, "mv")) r = sys(82, a, b, 0);
      else if (is(c, "chmod")) r = sys(90, b, num((char *)a, 8), 0);
      else if (is(c, "ln")) r = sys(86, a, b, 0);
      else if (is(c, "sym")) r = sys(88, a, b, 0);
      else r = -22;
    }
    if (r < 0) { sys(1, 2, (long)c, 1); sys(60, -r, 0, 0); }
  }
  sys(60, 0, 0, 0);
}
__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call run\n");
