// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {HSToken} from "../src/HSToken.sol";
import {Settlement} from "../src/Settlement.sol";
import {Deployed} from "./support/Deployed.sol";

/// @notice HS that calls into a settlement in the middle of its own transfer, once each time it is armed.
contract CallingToken is HSToken {
    Settlement private target;
    bytes private data;
    uint256 public tried;
    uint256 public refused;

    constructor(address holder) HSToken(holder) {}

    function arm(Settlement target_, bytes calldata data_) external {
        target = target_;
        data = data_;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (address(target) == address(0)) return;
        Settlement once = target;
        target = Settlement(address(0));
        ++tried;
        (bool ok, bytes memory answer) = address(once).call(data);
        if (!ok && bytes4(answer) == ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector) ++refused;
    }
}

contract SettlementTest is Deployed {
    event JobSettled(
        bytes32 indexed jobHash,
        address indexed client,
        address indexed provider,
        uint256 amount,
        uint256 paid,
        uint256 burned,
        uint64 gpuSeconds,
        uint64 energyMilliWh,
        bytes32 resultHash
    );

    address private constant CLIENT = address(0xC11E);
    address private constant PROVIDER = address(0x9401);
    bytes32 private constant JOB = keccak256("job");

    function setUp() public {
        deployAll();
        deposit(CLIENT, 1_000e18);
    }

    function test_settlesAJob() public {
        vm.expectEmit(true, true, true, true, address(settlement));
        emit JobSettled(JOB, CLIENT, PROVIDER, 100e18, 80e18, 20e18, 3_600, 700_000, keccak256("result"));
        vm.prank(SETTLER);
        (uint256 paid, uint256 burned) = settlement.settle(jobOf(JOB, CLIENT, PROVIDER, 100e18));
        equal("paid", paid, 80e18);
        equal("burned", burned, 20e18);
        equal("provider", token.balanceOf(PROVIDER), 80e18);
        equal("supply", token.totalSupply(), token.INITIAL_SUPPLY() - 20e18);
        equal("deposit", settlement.depositOf(CLIENT), 900e18);
        equal("liabilities", settlement.totalDeposits(), token.balanceOf(address(settlement)));
        isTrue("settled", settlement.isSettled(JOB));
    }

    function test_settlesAJobOnlyOnce() public {
        vm.startPrank(SETTLER);
        settlement.settle(jobOf(JOB, CLIENT, PROVIDER, 1e18));
        vm.expectRevert(abi.encodeWithSelector(Settlement.SettlementJobAlreadySettled.selector, JOB));
        settlement.settle(jobOf(JOB, CLIENT, PROVIDER, 1e18));
        vm.stopPrank();
    }

    function test_onlyTheSettlerSettles() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, CLIENT));
        vm.prank(CLIENT);
        settlement.settle(jobOf(JOB, CLIENT, PROVIDER, 1e18));
    }

    function test_refusesMoreThanTheDeposit() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                Settlement.SettlementInsufficientDeposit.selector, CLIENT, 1_000e18, 1_000e18 + 1
            )
        );
        vm.prank(SETTLER);
        settlement.settle(jobOf(JOB, CLIENT, PROVIDER, 1_000e18 + 1));
        isTrue("not settled", !settlement.isSettled(JOB));
    }

    function test_refusesAProviderThatCannotBePaid() public {
        vm.startPrank(SETTLER);
        vm.expectRevert(abi.encodeWithSelector(Settlement.SettlementInvalidAddress.selector, address(0)));
        settlement.settle(jobOf(JOB, CLIENT, address(0), 1e18));
        vm.expectRevert(abi.encodeWithSelector(Settlement.SettlementInvalidAddress.selector, address(settlement)));
        settlement.settle(jobOf(JOB, CLIENT, address(settlement), 1e18));
        vm.stopPrank();
    }

    /// Floor as denial of service: one wei above it, at it, and beyond it a settlement pays the same.
    function test_WP_B4_theFloorNeverStopsAPayment() public {
        token.burnUpTo(token.burnable() - 1);
        vm.startPrank(SETTLER);
        (uint256 paid, uint256 burned) = settlement.settle(jobOf(JOB, CLIENT, PROVIDER, 100e18));
        equal("paid above the floor", paid, 80e18);
        equal("burned to the floor", burned, 1);
        equal("rest to the treasury", token.balanceOf(TREASURY), 20e18 - 1);
        (paid, burned) = settlement.settle(jobOf(keccak256("next"), CLIENT, PROVIDER, 100e18));
        vm.stopPrank();
        equal("paid at the floor", paid, 80e18);
        equal("burned at the floor", burned, 0);
        equal("treasury", token.balanceOf(TREASURY), 40e18 - 1);
        equal("supply", token.totalSupply(), token.SUPPLY_FLOOR());
        equal("liabilities", settlement.totalDeposits(), token.balanceOf(address(settlement)));
    }

    function test_aPauseStopsEntryAndNeverExit() public {
        vm.prank(PAUSER);
        settlement.pause();
        token.approve(address(settlement), 1);
        vm.expectRevert(abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        settlement.depositFor(CLIENT, 1);
        vm.expectRevert(abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        vm.prank(SETTLER);
        settlement.settle(jobOf(JOB, CLIENT, PROVIDER, 1));
        vm.prank(CLIENT);
        settlement.withdraw(CLIENT, 1_000e18);
        equal("out", token.balanceOf(CLIENT), 1_000e18);
        vm.prank(PAUSER);
        settlement.unpause();
        settlement.depositFor(CLIENT, 1);
        equal("in again", settlement.depositOf(CLIENT), 1);
    }

    function test_onlyThePauserPauses() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, SETTLER));
        vm.prank(SETTLER);
        settlement.pause();
    }

    function test_withdrawsNoMoreThanTheDeposit() public {
        vm.expectRevert(
            abi.encodeWithSelector(Settlement.SettlementInsufficientDeposit.selector, PROVIDER, 0, 1)
        );
        vm.prank(PROVIDER);
        settlement.withdraw(PROVIDER, 1);
        vm.expectRevert(abi.encodeWithSelector(Settlement.SettlementInvalidAddress.selector, address(settlement)));
        vm.prank(CLIENT);
        settlement.withdraw(address(settlement), 1);
    }

    function test_refusesADepositThatNobodyCouldTakeOut() public {
        vm.expectRevert(abi.encodeWithSelector(Settlement.SettlementInvalidAddress.selector, address(0)));
        settlement.depositFor(address(0), 1);
        vm.expectRevert(abi.encodeWithSelector(Settlement.SettlementInvalidAddress.selector, address(settlement)));
        settlement.depositFor(address(settlement), 1);
    }

    function test_aDepositIsTheClientsWhoeverPaidIt() public {
        vm.expectRevert(
            abi.encodeWithSelector(Settlement.SettlementInsufficientDeposit.selector, address(this), 0, 1)
        );
        settlement.withdraw(address(this), 1);
        vm.prank(CLIENT);
        settlement.withdraw(PROVIDER, 1_000e18);
        equal("paid out where the client says", token.balanceOf(PROVIDER), 1_000e18);
    }

    /// A client that withdraws before its job is settled leaves the settlement open: nothing is half done.
    function test_aWithdrawalBeforeTheDebitLeavesTheJobUnsettled() public {
        vm.prank(CLIENT);
        settlement.withdraw(CLIENT, 950e18);
        vm.expectRevert(
            abi.encodeWithSelector(Settlement.SettlementInsufficientDeposit.selector, CLIENT, 50e18, 100e18)
        );
        vm.prank(SETTLER);
        settlement.settle(jobOf(JOB, CLIENT, PROVIDER, 100e18));
        isTrue("not settled", !settlement.isSettled(JOB));
        equal("nothing paid", token.balanceOf(PROVIDER), 0);
        deposit(CLIENT, 50e18);
        vm.prank(SETTLER);
        settlement.settle(jobOf(JOB, CLIENT, PROVIDER, 100e18));
        equal("paid", token.balanceOf(PROVIDER), 80e18);
    }

    function test_oneClientsDepositNeverPaysForAnother() public {
        vm.expectRevert(
            abi.encodeWithSelector(Settlement.SettlementInsufficientDeposit.selector, PROVIDER, 0, 1)
        );
        vm.prank(SETTLER);
        settlement.settle(jobOf(JOB, PROVIDER, CLIENT, 1));
    }

    /// HS that somebody sends without a deposit belong to nobody and change no account.
    function test_aDonationIsNobodysDeposit() public {
        token.transfer(address(settlement), 7);
        equal("liabilities", settlement.totalDeposits(), 1_000e18);
        vm.expectRevert(
            abi.encodeWithSelector(Settlement.SettlementInsufficientDeposit.selector, CLIENT, 1_000e18, 1_000e18 + 7)
        );
        vm.prank(CLIENT);
        settlement.withdraw(CLIENT, 1_000e18 + 7);
    }

    /// The settler cannot pause, move deposits, or make others settlers.
    function test_theSettlersKeyOpensNothingElse() public {
        vm.startPrank(SETTLER);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, SETTLER));
        settlement.unpause();
        vm.expectRevert(
            abi.encodeWithSelector(Settlement.SettlementInsufficientDeposit.selector, SETTLER, 0, 1)
        );
        settlement.withdraw(SETTLER, 1);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManager.AccessManagerUnauthorizedAccount.selector, SETTLER, 0)
        );
        manager.grantRole(SETTLER_ROLE, CLIENT, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManager.AccessManagerUnauthorizedAccount.selector, SETTLER, 0)
        );
        manager.setTargetClosed(address(settlement), true);
        vm.stopPrank();
    }

    /// A withdrawal asks nobody: not the AccessManager either.
    function test_aClosedTargetNeverStopsAnExit() public {
        manager.setTargetClosed(address(settlement), true);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, SETTLER));
        vm.prank(SETTLER);
        settlement.settle(jobOf(JOB, CLIENT, PROVIDER, 1));
        vm.prank(CLIENT);
        settlement.withdraw(CLIENT, 1_000e18);
        equal("out", token.balanceOf(CLIENT), 1_000e18);
    }

    /// With a token that calls back, every entry is closed while another is open.
    function test_aTokenThatCallsBackFindsEveryDoorClosed() public {
        CallingToken calling = new CallingToken(address(this));
        Settlement other = new Settlement(address(manager), calling, TREASURY, BURN_BPS);
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = Settlement.settle.selector;
        manager.setTargetFunctionRole(address(other), selectors, SETTLER_ROLE);
        manager.grantRole(SETTLER_ROLE, address(calling), 0);
        calling.approve(address(other), type(uint256).max);
        other.depositFor(CLIENT, 1_000);
        other.depositFor(address(calling), 1_000);
        bytes[3] memory doors = [
            abi.encodeCall(Settlement.withdraw, (CLIENT, 1)),
            abi.encodeCall(Settlement.depositFor, (CLIENT, 1)),
            abi.encodeCall(Settlement.settle, (jobOf(keccak256("inner"), address(calling), PROVIDER, 1)))
        ];
        for (uint256 i = 0; i < doors.length; ++i) {
            calling.arm(other, doors[i]);
            vm.prank(CLIENT);
            other.withdraw(CLIENT, 10);
            calling.arm(other, doors[i]);
            vm.prank(SETTLER);
            other.settle(jobOf(keccak256(abi.encode(i)), CLIENT, PROVIDER, 10));
            calling.arm(other, doors[i]);
            other.depositFor(CLIENT, 1);
        }
        equal("tried", calling.tried(), 9);
        equal("refused as a call inside a call", calling.refused(), 9);
        equal("liabilities", other.totalDeposits(), calling.balanceOf(address(other)));
    }

    function test_refusesAConstructionThatCannotWork() public {
        vm.expectRevert(abi.encodeWithSelector(Settlement.SettlementInvalidBurnShare.selector, 10_001));
        new Settlement(address(manager), token, TREASURY, 10_001);
        vm.expectRevert(abi.encodeWithSelector(Settlement.SettlementInvalidAddress.selector, address(0)));
        new Settlement(address(manager), token, address(0), 0);
        vm.expectRevert(abi.encodeWithSelector(Settlement.SettlementInvalidAddress.selector, address(0)));
        new Settlement(address(manager), HSToken(address(0)), TREASURY, 0);
    }

    function testFuzz_everyWeiOfAnAmountIsAccountedFor(uint256 amount, uint256 burnBps, uint256 aboveFloor) public {
        burnBps = bound(burnBps, 0, 10_000);
        Settlement other = new Settlement(address(manager), token, TREASURY, burnBps);
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = Settlement.settle.selector;
        manager.setTargetFunctionRole(address(other), selectors, SETTLER_ROLE);
        amount = bound(amount, 0, 10_000_000e18);
        token.approve(address(other), amount);
        other.depositFor(CLIENT, amount);
        token.burnUpTo(token.burnable() - bound(aboveFloor, 0, 3_000_000e18));
        uint256 supply = token.totalSupply();
        vm.prank(SETTLER);
        (uint256 paid, uint256 burned) = other.settle(jobOf(JOB, CLIENT, PROVIDER, amount));
        equal("paid", paid, amount - (amount * burnBps) / 10_000);
        equal("sum", paid + burned + token.balanceOf(TREASURY), amount);
        equal("supply", token.totalSupply(), supply - burned);
        isTrue("floor", token.totalSupply() >= token.SUPPLY_FLOOR());
        equal("nothing stays", IERC20(token).balanceOf(address(other)), 0);
    }
}
