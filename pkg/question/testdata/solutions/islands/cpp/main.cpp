#include <algorithm>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using Field = std::pair<int, int>;
using Rows = std::vector<std::string>;

static bool land(const Rows &rows, Field f) {
  int height = rows.size(), width = rows[0].size();
  return f.first >= 0 && f.first < height && f.second >= 0 && f.second < width && rows[f.first][f.second] == '#';
}

// Walks over land and floods it. Gives how many fields there were, and the most steps.
static std::pair<int, int> walk(Rows &rows, std::vector<Field> ring) {
  int size = ring.size(), steps = 0;
  for (;;) {
    std::vector<Field> next;
    for (Field f : ring) {
      for (Field n : {Field{f.first - 1, f.second}, {f.first + 1, f.second}, {f.first, f.second - 1}, {f.first, f.second + 1}}) {
        if (!land(rows, n)) continue;
        rows[n.first][n.second] = '.';
        next.push_back(n);
      }
    }
    if (next.empty()) return {size, steps};
    ring = next;
    size += next.size();
    steps++;
  }
}

std::vector<int> islands(const std::vector<std::string> &rows) {
  Rows left = rows, tide = rows;
  std::vector<Field> water;
  int count = 0, largest = 0, height = rows.size(), width = rows[0].size();
  for (int y = -1; y <= height; y++) {
    for (int x = -1; x <= width; x++) {
      if (!land(rows, {y, x})) water.push_back({y, x});
      if (!land(left, {y, x})) continue;
      count++;
      left[y][x] = '.';
      largest = std::max(largest, walk(left, {{y, x}}).first);
    }
  }
  return {count, largest, walk(tide, water).second};
}

static Rows split(const std::string &line);

static void answer(const std::string &line) {
  bool tide = line.rfind("tide ", 0) == 0;
  std::vector<int> found = islands(split(tide ? line.substr(5) : line));
  if (tide) std::cout << found[2] << std::endl;
  else std::cout << found[0] << " " << found[1] << std::endl;
}

static std::vector<std::string> split(const std::string &line) {
  std::vector<std::string> rows;
  std::istringstream parts(line);
  for (std::string row; std::getline(parts, row, '/');) rows.push_back(row);
  return rows;
}

// Each line of input is one case. Press Run and type one, or run the tests.
int main() {
  std::string line;
  while (std::getline(std::cin, line)) answer(line);
}
