// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {EvidenceRegistry} from "../../src/EvidenceRegistry.sol";
import {HSAccess} from "../../src/HSAccess.sol";
import {HSToken} from "../../src/HSToken.sol";
import {Settlement} from "../../src/Settlement.sol";
import {Vm} from "./Vm.sol";

/// @notice The contracts as they are deployed, with roles given; base of every test.
abstract contract Deployed {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint64 internal constant SETTLER_ROLE = 1;
    uint64 internal constant ANCHOR_ROLE = 2;
    uint64 internal constant PAUSER_ROLE = 3;
    uint256 internal constant BURN_BPS = 2_000;

    address internal immutable SETTLER = address(0x5E771E4);
    address internal immutable PAUSER = address(0x9A05E);
    address internal immutable TREASURY = address(0x74EA5);

    HSAccess internal manager;
    HSToken internal token;
    Settlement internal settlement;
    EvidenceRegistry internal registry;

    error Unequal(string what, uint256 actual, uint256 expected);
    error Untrue(string what);

    function deployAll() internal {
        manager = new HSAccess(address(this));
        token = new HSToken(address(this));
        settlement = new Settlement(address(manager), token, TREASURY, BURN_BPS);
        registry = new EvidenceRegistry(address(manager));
        bytes4[] memory one = new bytes4[](1);
        one[0] = Settlement.settle.selector;
        manager.setTargetFunctionRole(address(settlement), one, SETTLER_ROLE);
        one[0] = EvidenceRegistry.anchor.selector;
        manager.setTargetFunctionRole(address(registry), one, ANCHOR_ROLE);
        bytes4[] memory two = new bytes4[](2);
        two[0] = Settlement.pause.selector;
        two[1] = Settlement.unpause.selector;
        manager.setTargetFunctionRole(address(settlement), two, PAUSER_ROLE);
        manager.grantRole(SETTLER_ROLE, SETTLER, 0);
        manager.grantRole(ANCHOR_ROLE, SETTLER, 0);
        manager.grantRole(PAUSER_ROLE, PAUSER, 0);
    }

    function deposit(address client, uint256 amount) internal {
        token.approve(address(settlement), amount);
        settlement.depositFor(client, amount);
    }

    function jobOf(bytes32 jobHash, address client, address provider, uint256 amount)
        internal
        pure
        returns (Settlement.Job memory)
    {
        return Settlement.Job(jobHash, client, provider, amount, 3_600, 700_000, keccak256("result"));
    }

    function bound(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + (value % (high - low + 1));
    }

    function equal(string memory what, uint256 actual, uint256 expected) internal pure {
        if (actual != expected) revert Unequal(what, actual, expected);
    }

    function isTrue(string memory what, bool condition) internal pure {
        if (!condition) revert Untrue(what);
    }
}
