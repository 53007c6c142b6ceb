// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {HSToken} from "../src/HSToken.sol";
import {Deployed} from "./support/Deployed.sol";

contract HSTokenTest is Deployed {
    event Burned(address indexed account, uint256 requested, uint256 burned);

    address private constant ALICE = address(0xA11CE);
    uint256 private constant KEY = 0xB0B;

    function setUp() public {
        deployAll();
    }

    function test_WP_T1_mintsOnceToTheHolder() public view {
        equal("supply", token.totalSupply(), 100_000_000e18);
        equal("holder", token.balanceOf(address(this)), 100_000_000e18);
        equal("decimals", token.decimals(), 18);
    }

    function test_WP_B4_theFloorIsTheNftsTimes2000() public view {
        equal("floor", token.SUPPLY_FLOOR(), 10_130 * 2_000 * 1e18);
    }

    function test_burnsExactlyDownToTheFloorAndThenNothing() public {
        uint256 room = token.burnable();
        equal("one above the floor", token.burnUpTo(room - 1), room - 1);
        vm.expectEmit(true, true, true, true, address(token));
        emit Burned(address(this), 2, 1);
        equal("clipped by one", token.burnUpTo(2), 1);
        equal("at the floor", token.totalSupply(), token.SUPPLY_FLOOR());
        equal("nothing more", token.burnUpTo(1e18), 0);
        equal("still at the floor", token.totalSupply(), token.SUPPLY_FLOOR());
    }

    function test_cannotBurnMoreThanIsHeld() public {
        token.transfer(ALICE, 5);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, ALICE, 5, 6));
        vm.prank(ALICE);
        token.burnUpTo(6);
    }

    function testFuzz_burnUpToClips(uint256 first, uint256 second) public {
        uint256 room = token.burnable();
        uint256 burnedFirst = token.burnUpTo(first % (2 * room));
        isTrue("never above the request", burnedFirst <= first % (2 * room));
        second %= token.balanceOf(address(this));
        uint256 left = token.burnable();
        equal("second", token.burnUpTo(second), second < left ? second : left);
        equal("supply and burnt", token.totalSupply() + token.totalBurned(), token.INITIAL_SUPPLY());
        isTrue("floor", token.totalSupply() >= token.SUPPLY_FLOOR());
    }

    function digestOf(address owner, uint256 value, uint256 nonce, uint256 deadline, bytes32 domain)
        private
        pure
        returns (bytes32)
    {
        bytes32 permit = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                owner,
                ALICE,
                value,
                nonce,
                deadline
            )
        );
        return keccak256(abi.encodePacked("\x19\x01", domain, permit));
    }

    function test_permitAllowsOnce() public {
        address owner = vm.addr(KEY);
        bytes32 domain = token.DOMAIN_SEPARATOR();
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digestOf(owner, 7, 0, block.timestamp, domain));
        token.permit(owner, ALICE, 7, block.timestamp, v, r, s);
        equal("allowance", token.allowance(owner, ALICE), 7);
        equal("nonce", token.nonces(owner), 1);
        // The same again is signed by somebody else, as the contract sees it.
        vm.expectPartialRevert(ERC20Permit.ERC2612InvalidSigner.selector);
        token.permit(owner, ALICE, 7, block.timestamp, v, r, s);
        equal("allowance stays", token.allowance(owner, ALICE), 7);
    }

    function test_aPermitIsForOneChainOneContractOneAmountAndOneTime() public {
        address owner = vm.addr(KEY);
        vm.warp(1_000_000);
        // EIP-712 domain of the same name on another chain, and of another contract on this one.
        bytes32 domainType =
            keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        bytes32[2] memory foreign = [
            keccak256(abi.encode(domainType, keccak256("HS"), keccak256("1"), block.chainid + 1, address(token))),
            keccak256(abi.encode(domainType, keccak256("HS"), keccak256("1"), block.chainid, address(settlement)))
        ];
        for (uint256 i = 0; i < foreign.length; ++i) {
            (uint8 fv, bytes32 fr, bytes32 fs) = vm.sign(KEY, digestOf(owner, 7, 0, 1_000_000, foreign[i]));
            vm.expectPartialRevert(ERC20Permit.ERC2612InvalidSigner.selector);
            token.permit(owner, ALICE, 7, 1_000_000, fv, fr, fs);
        }
        bytes32 own = keccak256(abi.encode(domainType, keccak256("HS"), keccak256("1"), block.chainid, address(token)));
        isTrue("our own reckoning of the domain", own == token.DOMAIN_SEPARATOR());
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digestOf(owner, 7, 0, 1_000_000, own));
        vm.expectPartialRevert(ERC20Permit.ERC2612InvalidSigner.selector);
        token.permit(owner, ALICE, 8, 1_000_000, v, r, s);
        vm.warp(1_000_001);
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, 1_000_000));
        token.permit(owner, ALICE, 7, 1_000_000, v, r, s);
        equal("nothing was allowed", token.allowance(owner, ALICE), 0);
        vm.warp(1_000_000);
        token.permit(owner, ALICE, 7, 1_000_000, v, r, s);
        equal("the right one was", token.allowance(owner, ALICE), 7);
    }
}
