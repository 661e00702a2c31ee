// A little HTTP service; "greeter check" is its health check.
#include <arpa/inet.h>
#include <iostream>
#include <map>
#include <regex>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(8000);
  int s = socket(AF_INET, SOCK_STREAM, 0);
  char buf[1024];
  if (argc > 1 && std::string(argv[1]) == "check") {
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(s, reinterpret_cast<sockaddr *>(&at), sizeof at)) return 1;
    if (write(s, "GET /health HTTP/1.0\r\n\r\n", 24) != 24) return 1;
    ssize_t n = read(s, buf, sizeof buf);
    return n > 12 && std::string(buf, 12) == "HTTP/1.0 200" ? 0 : 1;
  }
  int on = 1;
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(s, reinterpret_cast<sockaddr *>(&at), sizeof at) || listen(s, 16)) return 1;
  std::map<std::string, unsigned> asked;
  std::regex line("^GET (\\S+) ");
  for (;;) {
    int c = accept(s, nullptr, nullptr);
    ssize_t n = read(c, buf, sizeof buf);
    std::cmatch m;
    const char *line_at = buf;
    if (n > 0 && std::regex_search(line_at, line_at + n, m, line)) asked[m[1]]++;
    const std::string answer = "HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nhello\n";
    if (write(c, answer.data(), answer.size()) < 0) std::cerr << "gone\n";
    close(c);
  }
}
