from conan import ConanFile
from conan.tools.cmake import CMake, cmake_layout


class DualisConan(ConanFile):
    name = "dualis"
    version = "0.1.0"
    license = "Apache-2.0"
    description = "One Redis API with two homes: in the process and on a server"
    settings = "os", "compiler", "build_type", "arch"
    generators = "CMakeDeps", "CMakeToolchain", "PkgConfigDeps"
    exports_sources = (
        "CMakeLists.txt", "engine/*", "client/*", "script/*", "compat/*", "LICENSE",
    )
    requires = (
        "abseil/20230125.3", "libevent/2.1.12", "luajit/2.1.0-beta3", "nlohmann_json/3.11.2", "openssl/[>=1.1 <4]", "xxhash/0.8.1",
    )

    def layout(self):
        cmake_layout(self)

    def build(self):
        cmake = CMake(self)
        cmake.configure({"DUALIS_BUILD_TESTS": "OFF", "DUALIS_BUILD_BENCH": "OFF", "DUALIS_BUILD_EXAMPLES": "OFF"})
        cmake.build()

    def package(self):
        CMake(self).install()
